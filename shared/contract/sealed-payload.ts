/** The fields of each reply that are sealed, and the placeholders for them. The rest can be read on the way: ids, type, order, times. */

const payloadNames: Readonly<Record<string, readonly string[]>> = {
  progress: ['percent', 'message', 'data'],
  log: ['message', 'data'],
  partial: ['data'],
  retrying: ['error'],
  result: ['output'],
  error: ['error'],
  rejected: ['issues'],
}

interface SealedError {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly retryable: boolean
}

/** Code of an error whose real one is sealed. */
export const sealedCode = 'sealed'

/** Stands in the place of a sealed error. */
export const sealedError = ({ retryable }: { readonly retryable: boolean }): SealedError => ({
  name: 'Sealed',
  code: sealedCode,
  message: 'This error is sealed',
  retryable,
})

/**
 * Makes the placeholders of a sealed payload, so that a reply is whole without it.
 * @param fields of the reply; of an error, `retryable` can be read on the way
 */
function sealedPlaceholder(type: string, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  switch (type) {
    case 'log':
      return { message: '' }
    case 'partial':
      return { data: null }
    case 'rejected':
      return { issues: [] }
    case 'retrying':
    case 'error': {
      const { error } = fields
      const retryable = typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true
      return { error: sealedError({ retryable }) }
    }
    default:
      return {}
  }
}

/**
 * Takes a reply apart.
 * @returns the payload that is to be sealed, and the fields that stay in the open, with placeholders; `undefined` for a reply without
 * a payload
 */
export function payloadOf<Fields extends { readonly type: string }>(
  fields: Fields,
): { readonly payload: Readonly<Record<string, unknown>>; readonly open: Fields } | undefined {
  const { type } = fields
  const payload = payloadFields(type, { ...fields })
  // A result without an output is one all the same, and only a task's code can end with it
  const isEmpty = Object.values(payload).every(value => value === undefined)
  if (isEmpty && type !== 'result') return undefined
  return { payload, open: withoutPayload(type, { ...fields }) as unknown as Fields }
}

/** The fields of a sealed reply as it came, with placeholders. Nobody answers for fields in the open beside its payload. */
export function withoutPayload(type: string, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...fieldsWhere(fields, name => !isPayload(type, name)), ...sealedPlaceholder(type, fields) }
}

/** The fields of a payload that go into a reply of that type: nothing else of it counts. */
export function payloadFields(type: string, payload: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return fieldsWhere(payload, name => isPayload(type, name))
}

const isPayload = (type: string, name: string): boolean => payloadNames[type]?.includes(name) ?? false

const fieldsWhere = (
  fields: Readonly<Record<string, unknown>>,
  is: (name: string) => boolean,
): Record<string, unknown> => Object.fromEntries(Object.entries(fields).filter(([name]) => is(name)))
