import { UNKNOWN_ORIGIN } from '../../src/core/events.ts'
import { GitHub, type Octokit } from '../../src/github/api.ts'
import { SECRET } from './world.ts'

export const ORIGIN = { ...UNKNOWN_ORIGIN, repository: 'https://github.com/o/r', commit: 'abc' }

const RUN = { owner: 'o', repo: 'r', sha: 'abc', url: 'https://github.com/o/r/actions/runs/1', dispatchUrl: '' }
const MOST_CHARACTERS = 140

/** What it needs of the process that asks. */
export interface Asking {
  readonly isAlive: () => boolean
  readonly sleep: (lengthMs: number) => Promise<void>
  readonly random: () => number
  readonly now: () => number
  readonly broken: (rule: string, detail: string) => void
}

const never = <Kind>(): Promise<Kind> => new Promise(() => undefined)

/** GitHub as it is on a bad day: refuses, is busy, fails, or never answers. */
export function badGitHub({ isAlive, sleep, random, now, broken }: Asking): GitHub {
  const answer = async (given: { readonly description?: string }): Promise<{ readonly data: unknown }> => {
    if (!isAlive()) await never()
    const { description = '' } = given
    if (description.length > MOST_CHARACTERS) broken('GitHub takes 140 characters', description)
    if (JSON.stringify(given).includes(SECRET)) broken('no secret is told', 'to GitHub')
    await sleep(100)
    const chance = random()
    if (chance < 0.02) return never()
    if (chance < 0.15) throw Object.assign(new Error('refused'), { status: chance < 0.05 ? 403 : 500 })
    if (chance < 0.18) throw Object.assign(new Error('busy'), { status: 429, response: { headers: {} } })
    return { data: { id: 1 } }
  }
  const list = async (given: object): Promise<{ readonly data: unknown }> => {
    await answer(given)
    return { data: [] }
  }
  const repos = {
    createCommitStatus: answer,
    createDeployment: answer,
    createDeploymentStatus: answer,
    listDeployments: list,
    listDeploymentStatuses: list,
  }
  // Only what is called is there.
  const connect = (): Promise<Octokit> => Promise.resolve({ rest: { repos } } as unknown as Octokit)
  return new GitHub({ ...RUN, origin: ORIGIN }, 'token', () => undefined, now, connect)
}
