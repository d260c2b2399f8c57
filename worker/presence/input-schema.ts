/** The JSON Schema that a worker announces for a task. */
import { type AnyTask, inputJsonSchema, type TaskLimits, taskLimitsOf } from '../../shared/contract/mod.ts'
import type { Implementation } from '../implement.ts'

type Problem = (message: string, error?: unknown) => void

/** A task as a worker announces it. */
export interface AnnouncedTask {
  readonly name: string
  readonly inputSchema: unknown
  readonly sealed?: 'required' | undefined
  readonly limits?: TaskLimits | undefined
}

/** Each task that is implemented, as it is announced. */
export async function announcedTasks(
  implementations: readonly Implementation[],
  problem: Problem,
): Promise<readonly AnnouncedTask[]> {
  const announced = implementations.map(async ({ task, concurrency, rate }) => ({
    name: task.name,
    inputSchema: await announcedSchema(task, problem),
    sealed: task.sealed,
    limits: taskLimitsOf({
      timeout_ms: task.timeoutMs,
      attempts: task.attempts,
      task_concurrency: concurrency,
      task_rate: rate && { jobs: rate.jobs, per_ms: rate.perMs },
    }),
  }))
  return await Promise.all(announced)
}

/** The longest description of a task, in characters. */
const maxDescription = 500

/** Presence is broadcast every few seconds, so a schema past this many characters is left out. */
const maxSchemaCharacters = 64 * 1024

/**
 * Finds the JSON Schema of a task's input side: the task's own, the one that its schema library gives, or, for zod mini,
 * which gives none by itself, the one that zod makes. The task's description becomes the schema's, unless it has one: there the
 * people who are shown a form read it.
 * @param problem told once of each task whose input has fields that JSON Schema has no words for, or that has no schema for them
 * @returns `undefined` when there is none, it cannot be expressed, or it is too large
 */
export async function announcedSchema(task: AnyTask, problem: Problem = () => {}): Promise<unknown> {
  try {
    const own = task.inputJsonSchema ?? (await fromZod(task, problem)) ?? inputJsonSchema(task)
    const schema = described(own, task.description)
    const text = schema === undefined ? undefined : JSON.stringify(schema)
    return text === undefined || text.length > maxSchemaCharacters ? undefined : JSON.parse(text)
  } catch (error) {
    problem(`The input of task "${task.name}" is not announced: it cannot be said as JSON Schema`, error)
    return undefined
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

/**
 * The JSON Schema that zod makes: a date is the text that it is on its way, and a type that JSON has no words for is left open,
 * since the fields beside it can be shown all the same.
 */
async function fromZod(task: AnyTask, problem: Problem): Promise<unknown> {
  if (task.input['~standard']?.vendor !== 'zod' || !('_zod' in task.input)) return undefined
  const { toJSONSchema } = await import('zod/v4/core')
  const open = new Set<string>()
  const made = toJSONSchema(task.input, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema, path }) {
      const { type } = zodSchema._zod.def
      if (type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
      else if (wordless.has(type)) open.add(`${fieldAt(path)} (${type})`)
    },
  })
  if (open.size > 0) {
    problem(
      `The input of task "${task.name}" has types that JSON Schema has no words for: ${[...open].join(', ')}; forms show it as JSON`,
    )
  }
  return made
}

const wordless: ReadonlySet<string> = new Set([
  'bigint',
  'custom',
  'function',
  'map',
  'nan',
  'set',
  'symbol',
  'transform',
  'undefined',
  'void',
])

/** `properties`, `items` and the like are the schema's words, not the input's. */
function fieldAt(path: readonly (string | number)[]): string {
  const names = path.filter((part, at) => path[at - 1] === 'properties' || part === 'items')
  return names.length === 0 ? 'the whole' : `"${names.join('.')}"`
}
