import type { StoredObject } from './stored-object.ts'
import { Refusal } from './json-patch.ts'

const MOST_ANNOTATION_BYTES = 262_144
const MOST_CONFIG_MAP_BYTES = 1_048_576

/** The checks of the real server that a client of ours could run into. */
export function validate(object: StoredObject): void {
  const bytes = Object.entries(object.metadata.annotations ?? {}).reduce((sum, [a, b]) => sum + a.length + b.length, 0)
  if (bytes > MOST_ANNOTATION_BYTES) {
    throw new Refusal(422, 'Invalid', 'metadata.annotations: Too long: may not be more than 262144 bytes')
  }
  if (object.kind === 'ConfigMap') validateConfigMap(object)
  if (object.kind === 'Lease') {
    for (const field of ['acquireTime', 'renewTime']) {
      const time = object.spec?.[field] as string | undefined
      if (time !== undefined && !/\.\d{6}Z$/.test(time)) {
        throw new Refusal(400, 'BadRequest', `spec.${field}: parsing time ${time}: six fractional digits wanted`)
      }
    }
  }
  if (object.kind === 'VirtualService') {
    const http = (object.spec?.['http'] ?? []) as { route?: { weight?: number }[] }[]
    for (const weight of http.flatMap((one) => one.route ?? []).map((one) => one.weight)) {
      if (weight !== undefined && !Number.isInteger(weight)) {
        throw new Refusal(422, 'Invalid', `spec.http.route.weight: Invalid value: ${weight}: must be an integer`)
      }
    }
  }
}

function validateConfigMap(object: StoredObject): void {
  const binary = Object.values((object['binaryData'] ?? {}) as Record<string, string>)
  if (binary.some((text) => !/^[A-Za-z0-9+/]*={0,2}$/.test(text))) {
    throw new Refusal(400, 'BadRequest', 'binaryData: illegal base64 data')
  }
  const bytes = [
    ...Object.values(object.data ?? {}).map((text) => Buffer.byteLength(text)),
    ...binary.map((text) => (text.length * 3) / 4),
  ]
  if (bytes.reduce((sum, one) => sum + one, 0) > MOST_CONFIG_MAP_BYTES) {
    throw new Refusal(422, 'Invalid', 'ConfigMap is invalid: Too long: may not be more than 1048576 bytes')
  }
}
