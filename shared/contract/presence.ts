/** Presence: messages of workers about themselves, so that a master knows who should answer. Design section 3. */
import * as z from 'zod/mini'
import { TaskName } from './names.ts'
import { checkShape, checkVersion, parseJson } from './read-message.ts'
import type { TaskLimits } from './task-limits.ts'

/** `draining` workers finish their runs and take nothing new; `gone` is the last thing a worker says. */
export type WorkerState = 'idle' | 'busy' | 'draining' | 'gone'

/** A beat may be late by so many intervals before anybody is told; after three the worker may be gone. */
export const lateAfterBeats = 1.6

export interface Beat {
  v: number
  type: 'beat'
  worker_id: string
  name: string
  state: WorkerState
  /** How many jobs it runs at once at most, over all its tasks. */
  concurrency: number
  active: number
  processed: number
  failed: number
  at: number
  /** When the next beat is due; a worker silent for three of them is gone. */
  interval_ms: number
}
/** A beat with all there is to know: at the start, on change and on a ping. */
export interface Announce extends Omit<Beat, 'type'>, TaskLimits {
  type: 'announce'
  task: string
  /** JSON Schema of the task's input side. */
  input_schema?: unknown
  /** Absent where open jobs are taken as well. */
  sealed?: 'required' | undefined
  /** Such as `node 24.21.0` or `deno 2.9.6`. */
  runtime: string
  host: string
  started_at: number
  features: string[]
  /** It takes no jobs of this task for now, since an operator said so; absent where it does. */
  paused?: boolean | undefined
  /** Which of its connections this is, from 1; absent from workers that cannot be given a broadcast again. */
  connection?: number | undefined
  /** How many runs go on after their jobs have ended, since their code heeds no signal. Absent where none does. */
  stuck?: number | undefined
}
export type Presence = Beat | Announce

/** The fields of a beat that change. */
type Facts = Pick<Beat, 'name' | 'state' | 'concurrency' | 'active' | 'processed' | 'failed' | 'interval_ms'>
/** Some of them. */
export type ChangedFacts = { readonly [Name in keyof Facts]?: Facts[Name] | undefined }

const count = z.int().check(z.nonnegative())
const whole = z.int().check(z.positive())
/** A later word, or one that cannot be read, is no reason not to hear the worker. */
const said = <T>(schema: z.ZodMiniType<T>) => z.catch(z.optional(schema), undefined)
const facts = {
  name: z.string().check(z.maxLength(200)),
  state: z.literal(['idle', 'busy', 'draining', 'gone']),
  concurrency: count,
  active: count,
  processed: count,
  failed: count,
  interval_ms: z.number().check(z.positive()),
}

const shape = {
  v: z._default(z.int(), 1),
  worker_id: z.string().check(z.minLength(1), z.maxLength(200)),
  at: z.number(),
  ...facts,
}

const schemas = {
  beat: z.toZod<Beat>()(z.object({ ...shape, type: z.literal('beat') })),
  announce: z.toZod<Announce>()(
    z.object({
      ...shape,
      type: z.literal('announce'),
      task: TaskName,
      input_schema: z.optional(z.unknown()),
      sealed: said(z.literal('required')),
      runtime: z._default(z.string(), ''),
      host: z._default(z.string(), ''),
      started_at: z.number(),
      features: z._default(z.array(z.string()), () => []),
      paused: z.catch(z.optional(z.boolean()), undefined),
      connection: z.optional(count),
      timeout_ms: said(whole),
      attempts: said(whole),
      task_concurrency: said(whole),
      task_rate: said(z.object({ jobs: whole, per_ms: whole })),
      stuck: z.optional(count),
    }),
  ),
}

/**
 * Reads a presence message.
 * @returns `undefined` for a type that this version does not know
 * @throws {DroverError} `message_invalid` or `unsupported_version`
 */
export const parsePresence = (body: string): Presence | undefined => presenceIn(parseJson(body, 'presence message'))

/** As `parsePresence`, of JSON that was read already. */
export function presenceIn(json: unknown): Presence | undefined {
  checkVersion(json, 'presence message')
  const { type } = json
  if (typeof type !== 'string' || !Object.hasOwn(schemas, type)) return undefined
  return checkShape<Presence>(schemas[type as Presence['type']] as z.ZodMiniType<Presence>, json, `${type} message`)
}

/**
 * Reads some of the fields that a beat has.
 * @throws {DroverError} `message_invalid`
 */
export const changedFactsIn = (json: unknown): ChangedFacts =>
  checkShape<ChangedFacts>(z.partial(z.object(facts)), json, 'presence message')
