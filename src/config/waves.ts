import { toReleaseError, type Problem } from '../errors.ts'
import type { Wave } from '../waves/waves.ts'
import type { Built } from './build.ts'
import { invalidConfig, type WrittenConfig, type WrittenGroup } from './read.ts'

const nameOf = (group: WrittenGroup, config: WrittenConfig): string =>
  group.name ?? [group.namespace ?? config.namespace, group.service ?? config.service].join('-')

/**
 * Groups in waves: each group is built from what the file says and what it says itself.
 *
 * @param build builds one group
 * @throws ReleaseError INVALID_CONFIG with the problems of all of them
 */
export function buildWaves(config: WrittenConfig, build: (one: WrittenConfig) => Built): Built {
  const { waves: written = {}, ...common } = config
  const problems: Problem[] = []
  const built: Built[] = []
  const wrong = (path: string, message: string): void => {
    problems.push({ path, message: `${path}: ${message}`, file: '', line: 0, column: 0 })
  }
  const names = new Set<string>()
  const waves = (written.list ?? []).map((wave, place): Wave => {
    const groups = (wave.groups ?? []).flatMap((group, index) => {
      const path = `waves.list[${place}].groups[${index}]`
      const name = nameOf(group, config)
      if (names.has(name)) wrong(path, `the name ${name} is there twice; give each group a name`)
      names.add(name)
      const own = Object.fromEntries(Object.entries(group).filter(([key]) => key !== 'name'))
      try {
        const one = build({ ...common, ...own })
        built.push(one)
        return [{ name, options: one.options }]
      } catch (thrown) {
        const error = toReleaseError(thrown)
        if (error.code !== 'INVALID_CONFIG') throw error
        for (const problem of error.problems) {
          if (!problems.some(({ message }) => message === problem.message)) problems.push(problem)
        }
        return []
      }
    })
    if ((wave.groups ?? []).length === 0) wrong(`waves.list[${place}].groups`, 'a wave has at least one group')
    return { groups, pauseMs: wave.pause ?? 0 }
  })
  if (waves.length === 0) wrong('waves.list', 'is missing; the waves, first to last')
  const [first] = built
  if (problems.length > 0 || first === undefined) throw invalidConfig(problems)
  const { 'side-by-side': sideBySide, 'on-failure': onFailure } = written
  return {
    ...first,
    secrets: [...new Set(built.flatMap(({ secrets }) => secrets))],
    waves: {
      service: common.service ?? first.options.service,
      namespace: common.namespace ?? first.options.namespace,
      waves,
      ...(sideBySide !== undefined && { sideBySide }),
      ...(onFailure !== undefined && { onFailure }),
    },
  }
}
