/** The JSON Schema that a worker announces for a task. */
import { type AnyTask, inputJsonSchema } from '../shared/contract/mod.ts'

/** Of a task's description, in characters. */
const maxDescription = 500

/** Presence is broadcast every few seconds, so a schema past this many characters is left out. */
const maxSchemaCharacters = 64 * 1024

/**
 * Finds the JSON Schema of a task's input side: the task's own, what its schema library gives, or, for zod mini, which
 * gives none by itself, what zod makes of it. The task's description becomes the schema's, unless it has one: there the
 * people who are shown a form read it.
 * @returns `undefined` when there is none, it cannot be expressed, or it is too large
 */
export async function announcedSchema(task: AnyTask): Promise<unknown> {
  try {
    const schema = described(inputJsonSchema(task) ?? (await fromZod(task)), task.description)
    const text = schema === undefined ? undefined : JSON.stringify(schema)
    return text === undefined || text.length > maxSchemaCharacters ? undefined : JSON.parse(text)
  } catch {
    return undefined // a transform that JSON Schema has no words for
  }
}

function described(schema: unknown, description: string | undefined): unknown {
  if (typeof schema !== 'object' || schema === null || !description || 'description' in schema) return schema
  return { ...schema, description: cut(description) }
}

function cut(text: string): string {
  const characters = [...text.slice(0, 2 * maxDescription)]
  return characters.length <= maxDescription && text.length <= 2 * maxDescription
    ? text
    : `${characters.slice(0, maxDescription - 1).join('')}…`
}

async function fromZod(task: AnyTask): Promise<unknown> {
  if (task.input['~standard']?.vendor !== 'zod' || !('_zod' in task.input)) return undefined
  const { toJSONSchema } = await import('zod/v4/core')
  return toJSONSchema(task.input, { io: 'input', target: 'draft-2020-12' })
}
