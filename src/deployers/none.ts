import type { Connect, Deployer } from '../ports.ts'

/** Somebody else deploys; the release only routes. The candidate must be ready when the release starts. */
export function none(): Connect<Deployer> {
  return () => ({
    deploy: () => Promise.resolve(),
    retire: () => Promise.resolve(),
  })
}
