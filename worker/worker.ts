/** A worker, put together: its connection, its subscriptions, and how it starts and ends. Portable; runtimes are ports. */
import { DroverError } from '../shared/contract/mod.ts'
import type { Incoming, StompState, Subscription } from '../shared/stomp/mod.ts'
import { WorkerConnection } from './connection.ts'
import { subscribeBroadcasts } from './consume/broadcasts.ts'
import { Consumer } from './consume/consumer.ts'
import { subscribeControl } from './consume/control.ts'
import { Duplicates } from './consume/duplicates.ts'
import { Quarantine } from './consume/quarantine.ts'
import { createQueues } from './consume/queues.ts'
import { Slots } from './consume/slots.ts'
import { unackedLimit } from './consume/unacked-limit.ts'
import { drain } from './drain.ts'
import { deliveriesOf, type HeldJob, HeldJobs } from './held-job.ts'
import {
  checkOptions,
  defaultWorkerLimits,
  type Worker,
  type WorkerEvent,
  type WorkerLimits,
  type WorkerOptions,
  type WorkerRuntime,
} from './options.ts'
import { announcedSchema } from './presence/input-schema.ts'
import { Presence } from './presence/presence.ts'
import { reportAllAgain, warnAll } from './run/reports.ts'
import { Retries } from './run/retry.ts'
import { type RunJobPorts, runJob } from './run/run-job.ts'
import { StallDetector, stallMessage } from './run/stall.ts'
import { JobEnds } from './settle/job-ends.ts'
import { JobEvents } from './settle/job-events.ts'
import { JobMemory } from './settle/job-memory.ts'
import { JobMessages } from './settle/job-messages.ts'
import { Replies } from './settle/replies.ts'
import { ReplyBuffer } from './settle/reply-buffer.ts'
import { Settler } from './settle/settler.ts'
import { type SizeLimit, sizeLimitOf } from './settle/too-large.ts'
import { toWireError } from './settle/wire-error.ts'

/**
 * Starts a worker on some runtime; `startWorker` of `drover/worker` is this with the runtime's own ports.
 * @returns resolves when the broker has confirmed every subscription; waits as long as the broker is away
 * @throws {DroverError} `config_invalid` for options that cannot be used; what the broker or bridge said when it refuses
 * the credentials or a subscription
 */
export async function createWorker(options: WorkerOptions, runtime: WorkerRuntime): Promise<Worker> {
  const implementations = checkOptions(options)
  const { concurrency = 1, presenceIntervalMs = 5_000, drainTimeoutMs = 30_000, clock = runtime.clock } = options
  const limits: WorkerLimits = { ...defaultWorkerLimits, ...options.limits }
  const name = options.name ?? `${runtime.host}-${runtime.version.split(' ')[0]}`
  const { url, token, login, passcode, namespace, random } = options
  const stomp = runtime.connect({ url, token, login, passcode, namespace, random, clock })
  const newId = (): string => runtime.newId()
  const workerId = newId()
  const tell = (event: WorkerEvent): void => {
    try {
      options.onEvent?.(event)
    } catch {
      // a log that fails must not end a job
    }
  }
  const problem = (message: string, error?: unknown): void => tell({ type: 'problem', message, error })
  const schemas = await Promise.all(
    [...implementations.values()].map(async ({ task }) => ({
      name: task.name,
      inputSchema: await announcedSchema(task, problem),
    })),
  )
  const tasks = [...implementations.keys()]
  const inputSchemas = new Map(schemas.map(({ name, inputSchema }) => [name, inputSchema]))
  const counts = { dropped: 0 }
  const onDropped = (): void => void counts.dropped++
  let hasDrainBegun = false
  const isDraining = (): boolean => hasDrainBegun
  const { steady } = clock
  const connection = new WorkerConnection()
  const { session, isStale } = connection

  // What becomes of a job
  const memory = new JobMemory({ count: limits.rememberedJobs, characters: limits.rememberedCharacters })
  const heldJobs = new HeldJobs()
  const sizeLimit = (): SizeLimit => sizeLimitOf(stomp, limits)
  const replyBuffer = new ReplyBuffer(stomp, problem, onDropped)
  const repliesFor = (held: Pick<HeldJob, 'requestId' | 'copies'>, attempt: number): Replies =>
    new Replies({
      requestId: held.requestId,
      copies: () => held.copies,
      isStale: copy => isStale(copy.connection),
      onDropped,
      attempt,
      workerId,
      name,
      replyBuffer,
      session,
      clock,
      newId,
    })
  const events = new JobEvents({ workerId, stomp, replyBuffer, session, tell, onDropped })
  const messages = new JobMessages({ workerId, clock, session, maxBodyBytes: () => sizeLimit().bytes })
  const settler = new Settler({ stomp, memory, problem, isStale, clock, newId, onDropped })

  // How jobs come, and who runs them
  const slots: Slots<HeldJob> = new Slots<HeldJob>({
    concurrency,
    ...createQueues({ stomp, session, tasks, changed: () => slots.adjust() }),
    clock,
    delivered: (task, delivery) => consumer.deliver(implementations.get(task)!, 'queue', delivery.incoming, delivery),
    start: held => void runJob(running, held),
    deliveriesOf,
    requeued: held => ends.requeued(held),
    requeue: held => ends.requeue(held),
    mayClose: () => session().dialect.unsubscribeReturns,
    mayCloseUnused: () => session().dialect.unsubscribeMarks === true,
    inHand: task => heldJobs.inHand(task),
    resting: () => [...heldJobs].filter(({ phase }) => phase === 'resting').flatMap(deliveriesOf),
  })
  const ends = new JobEnds({
    heldJobs,
    slots,
    memory,
    settler,
    messages,
    events,
    session,
    isDraining,
    steady,
    sizeLimit,
  })
  const consumer = new Consumer({
    clock,
    connection,
    heldJobs,
    memory,
    slots,
    duplicates: new Duplicates({ heldJobs, slots, memory, settler, messages, events, session, steady }),
    quarantine: new Quarantine({ clock, heldJobs, slots, ends, session }),
    ends,
    events,
    waitingBroadcasts: limits.waitingBroadcasts,
    isDraining,
    repliesFor,
  })
  const presence = new Presence({
    stomp,
    tasks: schemas,
    workerId,
    name,
    host: runtime.host,
    runtime: runtime.version,
    concurrency,
    intervalMs: presenceIntervalMs,
    connection: () => connection.number,
    status: () => ({
      state: isDraining() ? 'draining' : slots.taken >= concurrency ? 'busy' : 'idle',
      active: slots.taken,
      ...ends.counts,
    }),
    clock,
  })
  const stall = new StallDetector(clock, ms => {
    problem(stallMessage(ms))
    warnAll(heldJobs, stomp, stallMessage(ms))
  })
  const running: RunJobPorts = {
    stomp,
    heldJobs,
    slots,
    presence,
    ends,
    retries: new Retries({ clock, heldJobs, slots, ends, events, session, isDraining }),
    events,
    stopGraceMs: limits.stopGraceMs,
    inputSchema: task => inputSchemas.get(task),
    sizeLimit,
    clock,
    written: () => runtime.written(),
    lookForStall: () => stall.look(),
  }
  const deliver = (task: string, incoming: Incoming): void =>
    consumer.deliver(implementations.get(task)!, 'topic', incoming)

  const closed = Promise.withResolvers<void>()
  closed.promise.catch(() => {})
  let isStarted = false
  stomp.onState(next => {
    if (isStarted || !isMisconfigured(next)) tell({ type: 'connection', state: blamed(stall, next) })
    if (next.at === 'open') {
      connection.opened(next.session)
      if (isStarted && !isDraining()) slots.adjust() // this broker may let more, or fewer, queues be read by one subscription
      replyBuffer.flush()
      reportAllAgain(heldJobs)
      void settler.resend()
      presence.again()
      return
    }
    if (connection.ended(next.at === 'waiting' ? next.reason : undefined)) {
      // Jobs that waited for a slot are handed out again by the broker, and had not begun.
      for (const held of slots.connectionLost()) ends.connectionLost(held)
    }
    if (next.at === 'closed' && next.reason !== undefined) closed.reject(next.reason)
  })

  let drained: Promise<void> | undefined
  let broadcasts: Subscription[] = []
  const stopListening = options.signals === false ? () => {} : runtime.onShutdown(() => void drainOnce())
  const stopSurviving =
    options.surviveStrayErrors === false
      ? () => {}
      : runtime.onStrayError(thrown =>
          problem(`Nobody waits for what was thrown: ${toWireError(thrown).message}`, thrown),
        )
  const drainOnce = (timeoutMs = drainTimeoutMs): Promise<void> => {
    hasDrainBegun = true
    const parts = { stomp, heldJobs, slots, ends, settler, memory, presence, clock, tell }
    drained ??= drain(parts, broadcasts, timeoutMs).then(() => {
      stopListening()
      stopSurviving()
      stall.stop()
      closed.resolve()
    })
    return drained
  }
  // For good: an outcome could be sent to nobody, and the broker hands the job out again
  closed.promise.catch(() => void drainOnce(0))

  try {
    const latest = await stomp.opened()
    connection.is(latest)
    const limit = unackedLimit(
      latest.dialect,
      [...implementations.values()].map(({ task }) => task),
    )
    if (limit !== undefined) problem(limit)
    const heard = { workerId, stomp, heldJobs, memory, ends, settler, presence, events, session, steady, deliver }
    const controls = tasks.map(task => subscribeControl(heard, task))
    await Promise.all(controls.map(({ ready }) => ready)) // a cancel is heard before its job can come
    broadcasts = tasks.map(task => subscribeBroadcasts({ stomp, session, deliver, problem }, task))
    if (!isDraining()) slots.adjust()
    await Promise.all([...broadcasts.map(({ ready }) => ready), slots.ready()])
    isStarted = true
    if (!isDraining()) presence.start()
  } catch (error) {
    await drainOnce()
    throw error
  }

  return {
    worker_id: workerId,
    name,
    closed: closed.promise,
    get stats() {
      return { active: slots.taken, waiting: slots.waiting.length, ...ends.counts, ...counts }
    },
    drain: () => drainOnce(),
    [Symbol.asyncDispose]: () => drainOnce(),
  }
}

/** A connection that ends while a worker stands still ends for that: the broker heard nothing of it. */
function blamed(stall: StallDetector, state: StompState): StompState {
  if (state.at !== 'waiting' || !(state.reason instanceof DroverError)) return state
  const ms = state.reason.code === 'connection_lost' ? stall.recent : undefined
  if (ms === undefined) return state
  return { ...state, reason: new DroverError('connection_lost', stallMessage(ms), { cause: state.reason }) }
}

/** Whether a subscription was refused for good, which is what starting ends with. */
const isMisconfigured = (state: StompState): boolean =>
  state.at === 'waiting' && state.reason instanceof DroverError && state.reason.code === 'config_invalid'
