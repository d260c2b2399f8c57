/** Takes jobs: the options of one, and the checks that come before anything is stored or sent. */
import type { Clock } from '../../clock.ts'
import { defaultTimeoutMs } from '../../contract/default-timeouts.ts'
import { DroverError } from '../../contract/errors.ts'
import { checkKey, requestIdOfKey } from '../../contract/job-key.ts'
import { type AnyTask, checkTaskName } from '../../contract/mod.ts'
import { RequestId } from '../../contract/names.ts'
import { checkTags } from '../../contract/tags.ts'
import { type BrokerSession, encodeOwner, isQueueName } from '../../stomp/mod.ts'
import { traceIn } from '../../tracing/trace-context.ts'
import type { ChangeListeners } from '../changes.ts'
import type { BroadcastHandle } from '../jobs/broadcast-handle.ts'
import type { JobDeadlines } from '../jobs/job-deadlines.ts'
import { cancelOn } from '../jobs/job-feed.ts'
import type { JobHandle } from '../jobs/job-handle.ts'
import type { JobIndex } from '../jobs/job-index.ts'
import type { JobStore } from '../jobs/job-store.ts'
import type { HandledJob, Jobs } from '../jobs/jobs.ts'
import { type JobState, newJobState, optionsOf, type Until } from '../jobs/state/job.ts'
import { checkWhole } from '../options.ts'
import type { Attendance } from '../presence/attendance.ts'
import type { Roster } from '../presence/roster.ts'
import { checkDelay, startsAt } from './delay.ts'
import type { DispatchSpans } from './dispatch-spans.ts'
import { checkRepeatable, ownSchema, type Secrets, toJsonInput } from './input.ts'
import type { JobPublisher } from './job-publisher.ts'
import { readTaskRef } from './task-ref.ts'

/**
 * The options of a job to one worker.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { createMaster, type JobOptions } from 'drover/master'
 * await using master = createMaster({ url: 'ws://127.0.0.1:9/stomp' }) // nobody is there
 * const options: JobOptions = { to: 'plum', tags: ['nightly', 'order 17'], priority: 7, timeoutMs: 20 }
 * const job = master.dispatch('invoice.send', { order: 17 }, options)
 * assert.deepEqual([job.snapshot.to, job.snapshot.tags, job.snapshot.priority], ['plum', ['nightly', 'order 17'], 7])
 * // A key needs to know whose job it is: await master.ready first
 * assert.throws(() => master.dispatch('invoice.send', { order: 17 }, { key: 'order 17' }), { code: 'config_invalid' })
 * ```
 */
export interface JobOptions {
  /**
   * From now, or from when the job is due, to the outcome. Default: the task's, else 1 h for one worker, 60 s for a broadcast.
   */
  readonly timeoutMs?: number | undefined
  /** How long no worker is to begin it, from now; at most a year. Not of a broadcast, and not with `runAt`. Default 0. */
  readonly delayMs?: number | undefined
  /**
   * When a worker may begin it, as a `Date` or in ms since the epoch, by this machine's clock; at most a year ahead. An instant
   * that is past means at once.
   */
  readonly runAt?: Date | number | undefined
  /** How many runs may fail before the job does, 1 to 1 000. Default: the task's own number. */
  readonly attempts?: number | undefined
  /** 0 to 9, where the broker orders a queue by it. Default: the broker's, 4. */
  readonly priority?: number | undefined
  /**
   * Labels for people, who find jobs by them: at most 16, each of 1 to 100 characters. The worker is told them. They are neither
   * secret nor sealed.
   */
  readonly tags?: readonly string[] | undefined
  /**
   * The name of the one worker that it is for. It waits until a worker is there that was started with this `name`, and its news
   * say so.
   */
  readonly to?: string | undefined
  /**
   * JSON Schema of the input, beside those of the task and its workers. Fields that it marks as secret are neither shown nor
   * stored.
   */
  readonly inputSchema?: unknown
  /** Aborting cancels the job. */
  readonly signal?: AbortSignal | undefined
  /** A UUID. Default: a new one. */
  readonly requestId?: string | undefined
  /**
   * Names the job, so that it is dispatched once: 1 to 200 characters. Its `requestId` is made of the owner, the task and this key.
   * A dispatch with the key of a job that this master knows gives that job's handle, and nothing else of it counts. Two masters of
   * one owner share the run as far as docs/promises.md says. A master knows its owner once it is `ready`.
   */
  readonly key?: string | undefined
  /**
   * W3C Trace Context of who asks for the job, and its `tracestate`. Passed on as they are, or to the spans of this master, whose
   * parent is otherwise the active one. They may be a stranger's headers: those that cannot be read count as none.
   */
  readonly traceparent?: string | undefined
  readonly tracestate?: string | undefined
}

export interface BroadcastOptions extends Omit<JobOptions, 'to'> {
  /** When it is done. Default `everyone`. */
  readonly until?: Until | undefined
}

export interface DispatcherPorts {
  readonly clock: Clock
  readonly newId: () => string
  readonly changes: ChangeListeners
  readonly index: JobIndex
  readonly store: Pick<JobStore, 'put'>
  readonly jobs: Pick<Jobs, 'add' | 'cancel' | 'handledOf'>
  readonly roster: Pick<Roster, 'schemaOf' | 'watch'>
  readonly attendance: Pick<Attendance, 'tell'>
  readonly deadlines: Pick<JobDeadlines, 'start'>
  readonly secrets: Secrets
  readonly publisher: Pick<JobPublisher, 'add'>
  readonly spans: Pick<DispatchSpans, 'start'> | undefined
  /** Whether jobs are sealed. */
  readonly isSealing: boolean
}

export class Dispatcher {
  readonly #ports: DispatcherPorts
  #closed: DroverError | undefined
  /** Whose jobs these are, as the latest session has it. */
  #owner: string | undefined

  constructor(ports: DispatcherPorts) {
    this.#ports = ports
  }

  /** @throws {DroverError} as `Master.dispatch` */
  dispatch(
    mode: JobState['mode'],
    ref: AnyTask | string,
    input: unknown,
    options: JobOptions & BroadcastOptions = {},
  ): JobHandle | BroadcastHandle {
    const { clock, newId, changes, index, store, jobs, roster, attendance, deadlines, secrets, publisher, isSealing } =
      this.#ports
    const { spans } = this.#ports
    const { name, task } = readTaskRef(ref)
    checkTaskName(name)
    const now = clock.now()
    checkJobOptions(options)
    checkDelay(mode, options, now)
    checkTo(mode, options.to)
    const tags = checkTags(options.tags)
    if (this.#closed !== undefined) {
      throw new DroverError('closed', `Cannot dispatch "${name}": ${this.#closed.message}`, { cause: this.#closed })
    }
    const { signal, priority, attempts, until, to, key } = options
    signal?.throwIfAborted()
    const requestId = key === undefined ? (options.requestId ?? newId()) : this.#idOf(name, key)
    const same = key === undefined ? undefined : jobs.handledOf(requestId, task)
    if (same !== undefined) return this.#shared(same, mode, signal)
    if (index.shown.has(requestId)) {
      throw new DroverError(
        'config_invalid',
        `Cannot dispatch "${name}": there is a job ${requestId} already; take a new requestId`,
      )
    }
    const { traceparent, tracestate } = options
    const trace = traceIn({ traceparent, tracestate })
    const schemas = [options.inputSchema, ownSchema(task), roster.schemaOf(name)]
    const state = newJobState({
      request_id: requestId,
      task: name,
      mode,
      ...secrets.withhold(requestId, toJsonInput(name, input), schemas),
      sealed: isSealing || undefined,
      timeout_ms: options.timeoutMs ?? task?.timeoutMs ?? defaultTimeoutMs[mode],
      created_at: now,
      starts_at: startsAt(options, now),
      attempts,
      priority,
      tags,
      to,
      key,
      until,
      ...(spans?.start(requestId, name, trace) ?? trace),
    })
    deadlines.start(state)
    const { feed, handle } = jobs.add(state, task)
    store.put(state, () => publisher.add(requestId))
    roster.watch(name)
    attendance.tell(requestId)
    changes.tell({ type: 'job', request_id: requestId })
    if (signal !== undefined) cancelOn(signal, feed, reason => jobs.cancel(requestId, reason))
    return handle
  }

  /** Jobs may leave. */
  open({ owner }: Pick<BrokerSession, 'owner'>): void {
    this.#owner = owner
  }

  /** Its owner is the same until another session says otherwise. */
  away(): void {}

  /** @throws {DroverError} `config_invalid` before the owner is known */
  #idOf(task: string, key: string): string {
    if (this.#owner !== undefined) return requestIdOfKey(this.#owner, task, key)
    throw new DroverError(
      'config_invalid',
      `Cannot dispatch "${task}" with a key yet: the owner is part of it, and is known once this master has been connected; await master.ready first`,
    )
  }

  /** Nothing is sent: a dispatch with its key was here before. */
  #shared({ feed, handle }: HandledJob, mode: JobState['mode'], signal: AbortSignal | undefined): HandledJob['handle'] {
    const { request_id, task } = handle
    if (handle.mode !== mode) {
      const found = `Cannot dispatch "${task}": the job ${request_id} of this key goes to ${handle.mode === 'queue' ? 'one worker' : 'every worker'}; take another key`
      throw new DroverError('config_invalid', found)
    }
    if (signal !== undefined) cancelOn(signal, feed, reason => this.#ports.jobs.cancel(request_id, reason))
    return handle
  }

  /** @throws {DroverError} as `Master.again` */
  again(requestId: string): JobHandle | BroadcastHandle {
    const job = this.#ports.index.shown.get(requestId)
    if (job === undefined) throw new DroverError('config_invalid', `There is no job ${requestId} to dispatch again`)
    checkRepeatable(job)
    return this.dispatch(job.mode, job.task, job.input, optionsOf(job))
  }

  /** No job is taken any more. */
  close(reason: DroverError): void {
    this.#closed = reason
  }
}

/** @throws {DroverError} `config_invalid` naming the option that is out of range */
function checkJobOptions({ timeoutMs, priority, requestId, key, until }: BroadcastOptions): void {
  checkWhole('timeoutMs', timeoutMs, 1)
  checkWhole('priority', priority, 0, 9)
  if (typeof until === 'object') checkWhole('until.count', until.count, 1)
  if (requestId !== undefined && !RequestId.safeParse(requestId).success) {
    throw new DroverError('config_invalid', `requestId is "${requestId}"; expected a UUID`)
  }
  if (key !== undefined) checkKey(key)
  if (key !== undefined && requestId !== undefined) {
    throw new DroverError('config_invalid', 'A job has a requestId or a key, which makes one; leave one of them out')
  }
}

/** @throws {DroverError} `config_invalid` */
function checkTo(mode: JobState['mode'], to: string | undefined): void {
  if (to === undefined) return
  if (mode === 'topic') {
    throw new DroverError(
      'config_invalid',
      `to is "${to}", and a broadcast is for every worker; dispatch the job instead`,
    )
  }
  if (typeof to === 'string' && to.length <= 200 && isQueueName(encodeOwner(to))) return
  throw new DroverError(
    'config_invalid',
    `to is ${JSON.stringify(to)}; expected the name of a worker: 1 to 200 characters, of which those outside a-z, 0-9 and - count three times a byte, up to 300`,
  )
}
