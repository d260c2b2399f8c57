/** Fields of schemas, for unit tests. */
import type { Field } from './field.ts'
import { readSchema } from './read.ts'

/** @throws with the fault of the schema */
export function fieldOf(schema: unknown): Field {
  const { field, problem } = readSchema(schema)
  if (problem !== undefined) throw new Error(problem)
  return field
}

/** As the one member of an object. */
export function only(schema: unknown): Field {
  const field = fieldOf({ type: 'object', properties: { one: schema }, required: ['one'] })
  if (field.kind !== 'object') throw new Error('no object')
  return field.fields[0]!
}
