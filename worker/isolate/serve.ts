/** A child's side: it loads the module of its tasks, and runs their jobs, one at a time. Portable, on ports. */
import type { Clock } from '../../shared/clock.ts'
import type { Tracing } from '../../shared/tracing/port.ts'
import type { Implementation } from '../implement.ts'
import { announcedSchema } from '../presence/input-schema.ts'
import { type RunEnd, runAttempt } from '../run/attempt.ts'
import { createJobContext } from '../run/job-context.ts'
import { jsonText } from '../run/payload.ts'
import type { ReplyFields } from '../settle/replies.ts'
import { toWireError } from '../settle/wire-error.ts'
import { markInside } from './inside.ts'
import type { FromChild, PayloadLimit, ToChild } from './messages.ts'
import { createRunSignal, type RunSignal } from './run-signal.ts'

export interface ServePorts {
  readonly clock: Pick<Clock, 'steady' | 'timer'>
  /** The parent, or a thread beside this one, writes into it. */
  readonly flag: Int32Array<SharedArrayBuffer>
  post(message: FromChild): void
  /** Absent: nobody traces in this child. */
  readonly tracing?: Pick<Tracing, 'within'> | undefined
  load(module: string): Promise<Readonly<Record<string, unknown>>>
  /** Keeps this child alive when something is thrown where nobody waits for it. */
  onUncaughtError(tell: (thrown: unknown) => void): void
  exit(): void
}

/** An outcome may be longer than a partial, and not so much: one that is weighs on no other run by its way to the parent. */
const outcomesInPartials = 5

interface Loaded extends Implementation {
  readonly schema: unknown
}

/** @returns takes each message of the parent */
export function serve(ports: ServePorts): (message: ToChild) => void {
  markInside()
  const { post, exit } = ports
  let loaded: Promise<ReadonlyMap<string, Loaded>> | undefined
  let current: CurrentRun | undefined
  return message => {
    switch (message.is) {
      case 'load':
        if (message.survivesUncaughtErrors) ports.onUncaughtError(thrown => post(uncaught(thrown)))
        loaded = load(ports, message.module)
        return
      case 'run':
        current = new CurrentRun(ports, message)
        void current.go(loaded)
        return
      case 'stop':
        if (current?.run === message.run) current.signal.stop(message.stopped)
        return
      case 'drained':
        if (current?.run === message.run) current.drained(message.limit)
        return
      case 'close':
        exit()
    }
  }
}

async function load({ load, post, exit }: ServePorts, module: string): Promise<ReadonlyMap<string, Loaded>> {
  try {
    const found = await Promise.all(
      implementationsOf(await load(module)).map(async one => {
        return [one.task.name, { ...one, schema: await announcedSchema(one.task) }] as const
      }),
    )
    const loaded = new Map(found)
    post({ is: 'loaded', tasks: [...loaded.keys()] })
    return loaded
  } catch (thrown) {
    post({ is: 'unloadable', reason: toWireError(thrown).message })
    exit()
    return new Map()
  }
}

/** Those that a module exports: one by one, or in lists. */
function implementationsOf(module: Readonly<Record<string, unknown>>): Implementation[] {
  return Object.values(module).flat().filter(isImplementation)
}

function isImplementation(value: unknown): value is Implementation {
  if (typeof value !== 'object' || value === null || !('task' in value) || !('run' in value)) return false
  const { task, run } = value
  return typeof task === 'object' && task !== null && 'name' in task && typeof run === 'function'
}

class CurrentRun {
  readonly run: number
  readonly signal: RunSignal
  readonly #ports: ServePorts
  readonly #job: Extract<ToChild, { is: 'run' }>
  #limit: PayloadLimit
  #resolveDrained = (): void => {}

  constructor(ports: ServePorts, job: Extract<ToChild, { is: 'run' }>) {
    this.#ports = ports
    this.#job = job
    this.run = job.run
    this.#limit = job.limit
    this.signal = createRunSignal(ports.flag, job.run)
  }

  drained(limit: PayloadLimit): void {
    this.#limit = limit
    this.#resolveDrained()
  }

  /** Never rejects. */
  async go(loaded: Promise<ReadonlyMap<string, Loaded>> | undefined): Promise<void> {
    const { post } = this.#ports
    const { run } = this
    const implementation = (await loaded)?.get(this.#job.task)
    post({ is: 'begun', run })
    const end = implementation === undefined ? missing(this.#job.task) : await this.#attempt(implementation)
    post({ is: 'end', run, end })
  }

  async #attempt(implementation: Loaded): Promise<RunEnd> {
    const { post, clock, tracing } = this.#ports
    const { run } = this
    const { request_id, task, attempt, losses, tags, trace, input } = this.#job
    const { context, end } = createJobContext({
      request_id,
      task,
      attempt,
      losses,
      tags,
      trace,
      signal: this.signal.signal,
      clock,
      maxCharacters: () => this.#limit.maxCharacters,
      whyNoMore: () => this.#limit.why,
      send: fields => post({ is: 'reply', run, fields: asItTravels(fields) }),
      drained: () =>
        new Promise(resolve => {
          this.#resolveDrained = resolve
          post({ is: 'drain', run })
        }),
      problem(message, error) {
        post({ is: 'problem', run, message, error: error === undefined ? undefined : toWireError(error).message })
      },
    })
    const mostCharacters = this.#limit.maxCharacters * outcomesInPartials
    const attempted = (): Promise<RunEnd> =>
      runAttempt(implementation, input, context, implementation.schema, mostCharacters)
    // Its span is the worker's, and those that the code makes are children of it
    const runEnd = await (tracing === undefined || trace === undefined ? attempted() : tracing.within(trace, attempted))
    end()
    return runEnd
  }
}

/** A partial may be anything that JSON can say, and not all of that can be cloned. The others are JSON already. */
function asItTravels(fields: ReplyFields): ReplyFields {
  return fields.type === 'partial' ? { ...fields, data: JSON.parse(jsonText(fields.data) ?? 'null') } : fields
}

/** A module that was changed since the worker looked. */
function missing(task: string): RunEnd {
  const message = `The module of task "${task}" exports no implementation of it any more`
  return { is: 'failed', error: { name: 'DroverError', code: 'isolate_died', message, retryable: true } }
}

function uncaught(thrown: unknown): FromChild {
  const stack = thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : undefined
  return { is: 'uncaught', message: toWireError(thrown).message, stack }
}
