import type { StoredObject } from './stored-object.ts'
import { Refusal } from './json-patch.ts'

const MOST_ANNOTATION_BYTES = 262_144
const MOST_CONFIG_MAP_BYTES = 1_048_576
/** Where the CRDs have weights. */
const WEIGHTED = [
  ['VirtualService', 'http', 'route'],
  ['VirtualService', 'tcp', 'route'],
  ['VirtualService', 'tls', 'route'],
  ['HTTPRoute', 'rules', 'backendRefs'],
  ['GRPCRoute', 'rules', 'backendRefs'],
] as const

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
  if (Object.values(object.metadata.annotations ?? {}).some((value) => typeof value !== 'string')) {
    throw new Refusal(400, 'BadRequest', 'json: cannot unmarshal into Go struct field of type string')
  }
  for (const [kind, list, entries] of WEIGHTED) {
    if (object.kind !== kind) continue
    const rules = (object.spec?.[list] ?? []) as Readonly<Record<string, { readonly weight?: unknown }[] | undefined>>[]
    for (const weight of rules.flatMap((one) => one[entries] ?? []).map((one) => one.weight)) {
      if (weight === undefined || (Number.isInteger(weight) && (kind === 'VirtualService' || Number(weight) >= 0)))
        continue
      throw new Refusal(422, 'Invalid', `spec.${list}.${entries}.weight: Invalid value: ${JSON.stringify(weight)}`)
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
