import type { TestProject } from 'vitest/node'
import type { Tools } from './mesh/tools.ts'
import { up, type MeshAddress } from './mesh/up.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    mesh: MeshAddress
  }
}

/** One real mesh for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const tools = process.env['GRAY_RELEASE_MESH_TOOLS']
  if (tools === undefined) throw new Error('the real mesh has a network of its own: start this with npm run test:e2e')
  const mesh = await up(JSON.parse(tools) as Tools)
  project.provide('mesh', mesh.address)
  return () => mesh.down()
}
