/** A worker, put together: its connection, its subscriptions, and how it starts and ends. Portable; runtimes are ports. */
import { systemClock } from '../shared/clock.ts'
import { DroverError, type WorkerState } from '../shared/contract/mod.ts'
import { destinationsOf, type Session, type StompState, type Subscription } from '../shared/stomp/mod.ts'
import { takeBroadcasts } from './consume/broadcasts.ts'
import { type Claim, Claims, handedOf } from './consume/claim.ts'
import { deliver } from './consume/deliver.ts'
import { createQueues } from './consume/queues.ts'
import { Slots } from './consume/slots.ts'
import { unackedLimit } from './consume/unacked-limit.ts'
import { control } from './control.ts'
import type { Core } from './core.ts'
import { drain } from './drain.ts'
import type { Implementation } from './implement.ts'
import {
  defaultWorkerLimits,
  type Worker,
  type WorkerEvent,
  type WorkerLimits,
  type WorkerOptions,
  type WorkerRuntime,
} from './options.ts'
import { announcedSchema } from './presence/input-schema.ts'
import { Presence } from './presence/presence.ts'
import { Still, stoodStill } from './run/still.ts'
import { toWireError } from './run/wire-error.ts'
import { sayWhatRuns, tellStoodStill, work } from './run/work.ts'
import { keepNewest } from './settle/keep-newest.ts'
import { Memory } from './settle/memory.ts'
import { giveBack, isBack } from './settle/onward.ts'
import { Outbox } from './settle/outbox.ts'
import { Settler } from './settle/settler.ts'

/** How many jobs that went back with their connection are remembered. */
const maxReturned = 10_000

/**
 * Starts a worker on some runtime; `startWorker` of `drover/worker` is this with the runtime's own ports.
 * @returns resolves when the broker has confirmed every subscription; waits as long as the broker is away
 * @throws {DroverError} `config_invalid` for options that cannot be used; what the broker or bridge said when it refuses
 * the credentials or a subscription
 */
export async function createWorker(options: WorkerOptions, runtime: WorkerRuntime): Promise<Worker> {
  const implementations = checkOptions(options)
  const { concurrency = 1, presenceIntervalMs = 5_000, drainTimeoutMs = 30_000, clock = systemClock } = options
  const limits: WorkerLimits = { ...defaultWorkerLimits, ...options.limits }
  const name = options.name ?? `${runtime.host}-${runtime.version.split(' ')[0]}`
  const { url, token, login, passcode, namespace, random } = options
  const stomp = runtime.connect({ url, token, login, passcode, namespace, random, clock })
  const workerId = crypto.randomUUID()
  const claims = new Claims()
  const memory = new Memory({ count: limits.rememberedJobs, characters: limits.rememberedCharacters })
  const counts = { processed: 0, failed: 0, dropped: 0 }
  let latest: Session | undefined
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
  const queues = createQueues({
    stomp,
    session: () => core.session(),
    tasks: [...implementations.keys()],
    changed: () => slots.adjust(),
  })
  const slots: Slots<Claim> = new Slots<Claim>({
    concurrency,
    ...queues,
    steady: clock.steady,
    delivered: (task, handed) => deliver(core, implementations.get(task)!, 'queue', handed.incoming, handed),
    start: claim => void work(core, claim),
    handedOf,
    isBack: claim => isBack(core, claim),
    giveBack: claim => giveBack(core, claim),
    mayClose: () => core.session().dialect.unsubscribeReturns,
    mayCloseUnused: () => core.session().dialect.unsubscribeMarks === true,
    inHand: task => claims.inHand(task),
    resting: () => [...claims].filter(({ phase }) => phase === 'resting').flatMap(handedOf),
  })
  const state = (): WorkerState => (core.isDraining ? 'draining' : slots.taken >= concurrency ? 'busy' : 'idle')
  const presence = new Presence({
    stomp,
    tasks: schemas,
    workerId,
    name,
    host: runtime.host,
    runtime: runtime.version,
    concurrency,
    intervalMs: presenceIntervalMs,
    connection: () => core.connection,
    status: () => ({
      state: state(),
      active: slots.taken,
      processed: counts.processed,
      failed: counts.failed,
    }),
    clock,
  })
  const core: Core = {
    stomp,
    workerId,
    name,
    limits,
    implementations,
    inputSchemas: new Map(schemas.map(({ name, inputSchema }) => [name, inputSchema])),
    memory,
    claims,
    slots,
    settler: new Settler({
      stomp,
      memory,
      problem,
      isStale: connection => connection < core.staleBefore,
      steady: clock.steady,
      onDropped: () => void counts.dropped++,
    }),
    outbox: new Outbox(stomp, problem, () => void counts.dropped++),
    presence,
    returned: new Set(),
    passedOn: new Set(),
    connection: 0,
    staleBefore: 0,
    counts,
    isDraining: false,
    session: () => latest ?? unopened(),
    clock,
    still: new Still(clock, ms => tellStoodStill(core, ms)),
    written: () => runtime.written(),
    tell,
  }

  const closed = Promise.withResolvers<void>()
  closed.promise.catch(() => {})
  let wasOpen = false
  let isStarted = false
  stomp.onState(next => {
    if (isStarted || !isMisconfigured(next)) tell({ type: 'connection', state: blamed(core, next) })
    if (next.at === 'open') {
      latest = next.session
      wasOpen = true
      core.connection++
      if (isStarted && !core.isDraining) slots.adjust() // this broker may let more, or fewer, queues be read by one lane
      core.outbox.flush()
      sayWhatRuns(core)
      void core.settler.resend()
      presence.again()
      return
    }
    const reason = next.at === 'waiting' ? next.reason : undefined
    const isRefused = reason instanceof DroverError && reason.code === 'forbidden' && latest?.bridged === true
    if (wasOpen && isRefused) core.staleBefore = core.connection
    if (wasOpen) connectionLost(core)
    wasOpen = false
    if (next.at === 'closed' && next.reason !== undefined) closed.reject(next.reason)
  })

  let draining: Promise<void> | undefined
  let broadcasts: Subscription[] = []
  const stopListening = options.signals === false ? () => {} : runtime.onShutdown(() => void start.drain())
  const stopSurviving =
    options.surviveStrayErrors === false
      ? () => {}
      : runtime.onStrayError(thrown =>
          problem(`Nobody waits for what was thrown: ${toWireError(thrown).message}`, thrown),
        )
  const start = {
    drain(timeoutMs = drainTimeoutMs): Promise<void> {
      draining ??= drain(core, broadcasts, timeoutMs).then(() => {
        stopListening()
        stopSurviving()
        core.still.stop()
        closed.resolve()
      })
      return draining
    },
  }
  // For good: an outcome could be sent to nobody, and the broker hands the job out again
  closed.promise.catch(() => void start.drain(0))

  try {
    latest = await stomp.opened()
    const limit = unackedLimit(
      latest.dialect,
      [...implementations.values()].map(({ task }) => task),
    )
    if (limit !== undefined) problem(limit)
    const to = destinationsOf(latest.namespace)
    const topicReader = (session: Session): Readonly<Record<string, string>> => session.dialect.topicReader
    const controls = [...implementations.keys()].map(task =>
      stomp.subscribe({ destination: to.control(task), ack: 'auto', headers: topicReader }, incoming =>
        control(core, task, incoming),
      ),
    )
    await Promise.all(controls.map(({ ready }) => ready)) // a cancel is heard before its job can come
    const { dialect } = latest
    broadcasts = [...implementations.values()].map(implementation => takeBroadcasts(core, implementation, dialect))
    if (!core.isDraining) slots.adjust()
    await Promise.all([...broadcasts.map(({ ready }) => ready), slots.ready()])
    isStarted = true
    if (!core.isDraining) presence.start()
  } catch (error) {
    await start.drain()
    throw error
  }

  return {
    worker_id: workerId,
    name,
    closed: closed.promise,
    get stats() {
      return { active: slots.taken, waiting: slots.waiting.length, ...counts }
    },
    drain: () => start.drain(),
    [Symbol.asyncDispose]: () => start.drain(),
  }
}

/** A connection that ends while a worker stands still ends for that: the broker heard nothing of it. */
function blamed({ still }: Core, state: StompState): StompState {
  if (state.at !== 'waiting' || !(state.reason instanceof DroverError)) return state
  const ms = state.reason.code === 'connection_lost' ? still.recent : undefined
  if (ms === undefined) return state
  return { ...state, reason: new DroverError('connection_lost', stoodStill(ms), { cause: state.reason }) }
}

/** Jobs that waited for a slot are handed out again by the broker, and had not begun. */
function connectionLost(core: Core): void {
  for (const claim of core.slots.connectionLost()) {
    core.claims.remove(claim)
    core.returned.add(claim.requestId)
  }
  keepNewest(core.returned, maxReturned)
}

function checkOptions({ tasks, concurrency, presenceIntervalMs, drainTimeoutMs }: WorkerOptions) {
  const implementations = new Map<string, Implementation>()
  for (const implementation of tasks) {
    const { name } = implementation.task
    if (implementations.has(name)) {
      throw new DroverError('config_invalid', `Task "${name}" is implemented twice; a worker runs each task once`)
    }
    implementations.set(name, implementation)
  }
  if (implementations.size === 0) {
    throw new DroverError('config_invalid', 'A worker without tasks has nothing to do; pass at least one in "tasks"')
  }
  for (const [option, value, least] of [
    ['concurrency', concurrency, 1],
    ['presenceIntervalMs', presenceIntervalMs, 100],
    ['drainTimeoutMs', drainTimeoutMs, 0],
  ] as const) {
    if (value === undefined || (Number.isInteger(value) && value >= least)) continue
    throw new DroverError('config_invalid', `${option} is ${value}; expected a whole number from ${least}`)
  }
  return implementations
}

/** Whether a subscription was refused for good, which is what starting ends with. */
const isMisconfigured = (state: StompState): boolean =>
  state.at === 'waiting' && state.reason instanceof DroverError && state.reason.code === 'config_invalid'

function unopened(): never {
  throw new DroverError('connection_lost', 'There has been no connection yet')
}
