import { ReleaseError, toReleaseError, type Problem } from '../errors.ts'
import { together, type TogetherService } from '../together/together.ts'
import type { Built } from './build.ts'
import { invalidConfig, type WrittenConfig } from './read.ts'

/**
 * Several services as one release: each is built from what the file says and what it says itself.
 *
 * @param build builds one service
 * @throws ReleaseError INVALID_CONFIG with the problems of all of them
 */
export function buildSeveral(config: WrittenConfig, build: (one: WrittenConfig) => Built): Built {
  const { services = [], ...common } = config
  const problems: Problem[] = []
  const wrong = (path: string, message: string): void => {
    problems.push({ path, message: `${path}: ${message}`, file: '', line: 0, column: 0 })
  }
  if (common.service === undefined) wrong('service', 'is missing; the name of the release of all services')
  if ((common['deployment-type'] ?? 'auto') !== 'auto') {
    wrong('deployment-type', 'the services may serve from different colours: auto is wanted')
  }
  const names = services.map(({ service }) => service)
  names.forEach((name, index) => {
    if (name === undefined) wrong(`services[${index}].service`, 'is missing')
    else if (names.indexOf(name) !== index) wrong(`services[${index}].service`, `"${name}" is there twice`)
  })
  const built = services.flatMap(({ after = [], ...own }, index) => {
    try {
      return [{ after, built: build({ ...common, ...own }) }]
    } catch (thrown) {
      const error = toReleaseError(thrown)
      if (error.code !== 'INVALID_CONFIG') throw error
      // What the file says for all of them is wrong once.
      for (const one of error.problems) {
        const isOwn = Object.keys(own).some((key) => one.path.startsWith(key))
        const path = isOwn ? `services[${index}].${one.path}` : one.path
        if (!problems.some(({ message }) => message === one.message)) {
          problems.push(isOwn ? { ...one, path, message: `services[${index}].${one.message}` } : one)
        }
      }
      return []
    }
  })
  if (problems.length > 0) throw invalidConfig(problems)
  const [first] = built
  if (first === undefined) throw new ReleaseError('INVALID_CONFIG', 'services: there are none')
  const { service = '', namespace = '' } = common
  const members = built.map((one): TogetherService => ({ options: one.built.options, after: one.after }))
  return {
    ...first.built,
    options: together({ service, namespace, services: members }),
    secrets: [...new Set(built.flatMap((one) => one.built.secrets))],
  }
}
