/**
 * The worker's table of contents: its parts in the order in which they are read, each with the parts that it needs. One calls
 * those above it, and tells those below by `listen`. Portable; runtimes are ports. Road: docs/architecture.md, section 3.
 */
import { encodeOwner, isQueueName, type Stomp } from '../shared/stomp/mod.ts'
import { WorkerConnection } from './connection.ts'
import { BrokerTime } from './consume/broker-time.ts'
import { Consumer } from './consume/consumer.ts'
import { Duplicates } from './consume/duplicates.ts'
import { LongHolds } from './consume/long-holds.ts'
import { Quarantine } from './consume/quarantine.ts'
import { QueueSubscriptions } from './consume/queue-subscriptions.ts'
import { Queues } from './consume/queues.ts'
import { Rests } from './consume/rests.ts'
import { Slots } from './consume/slots.ts'
import { TaskLimits } from './consume/task-limits.ts'
import { UnackedLimit } from './consume/unacked-limit.ts'
import { Unopenable } from './consume/unopenable.ts'
import { HeldJobs } from './held-job.ts'
import { refuseInside } from './isolate/inside.ts'
import { Isolates } from './isolate/isolates.ts'
import { Lifecycle } from './lifecycle.ts'
import { WorkerLog } from './log.ts'
import { createWorkerLog } from './log-lines.ts'
import { checkOptions, defaultWorkerLimits, type Worker, type WorkerOptions, type WorkerRuntime } from './options.ts'
import { Pauses } from './pauses.ts'
import { announcedTasks } from './presence/input-schema.ts'
import { Presence } from './presence/presence.ts'
import { warnAll } from './run/reports.ts'
import { Retries } from './run/retry.ts'
import { JobRunner } from './run/run-job.ts'
import { StallDetector, stallMessage } from './run/stall.ts'
import { StuckRuns } from './run/stuck-runs.ts'
import { loadSeal } from './sealing/load-seal.ts'
import { JobEnds } from './settle/job-ends.ts'
import { JobEvents } from './settle/job-events.ts'
import { JobMemory } from './settle/job-memory.ts'
import { JobMessages } from './settle/job-messages.ts'
import { loadState } from './settle/load-state.ts'
import { ReplyBuffer } from './settle/reply-buffer.ts'
import { Settler } from './settle/settler.ts'
import { type SizeLimit, sizeLimitOf } from './settle/too-large.ts'
import { uncaughtTeller } from './uncaught.ts'

/**
 * Starts a worker on some runtime; `startWorker` of `drover/worker` is this with the runtime's own ports.
 * @returns resolves when the broker has confirmed every subscription; waits as long as the broker is away
 * @throws {DroverError} `config_invalid` for options that cannot be used; the error with which the broker or bridge refuses
 * the credentials or a subscription
 */
export async function createWorker(options: WorkerOptions, runtime: WorkerRuntime): Promise<Worker> {
  refuseInside()
  const implementations = checkOptions(options)
  const { concurrency = 1, presenceIntervalMs = 5_000, clock = runtime.clock } = options
  const { name = `${runtime.host}-${runtime.version.split(' ')[0]}` } = options
  const limits = { ...defaultWorkerLimits, ...options.limits }
  const { url, tls, token, login, passcode, namespace, random = runtime.random } = options
  const log = new WorkerLog(options.onEvent ?? createWorkerLog(options.url, () => clock.now()))
  const { tell, problem, dropped } = log
  // Before it connects: without its keys, or its state, it does not start
  const seal = options.seal && (await loadSeal(options.seal, { clock, problem, readText: runtime.readText }))
  const uncaught = uncaughtTeller({ isSealed: seal !== undefined, problem })
  const survivesUncaughtErrors = options.surviveUncaughtErrors !== false
  const { startChild } = runtime
  const isolates = new Isolates({ clock, startChild, implementations, survivesUncaughtErrors, uncaught })
  const { rememberedJobs: count, rememberedCharacters: characters, rememberedMs: ageMs } = limits
  const memory = new JobMemory({ count, characters, ageMs })
  const { openState } = runtime
  const state = await loadState(options.state, { openState, memory, clock, seal, problem })
  const stomp = connectOr(
    () => state?.close(),
    () => runtime.connect({ url, tls, token, login, passcode, namespace, random, clock }),
  )
  const newId = (): string => runtime.newId()
  const workerId = newId()
  const announced = await announcedTasks([...implementations.values()], problem)

  const connection = new WorkerConnection()
  const { session, isStale } = connection
  const isDraining = (): boolean => lifecycle.isDraining
  const sizeLimit = (): SizeLimit => sizeLimitOf(stomp, limits)
  const { steady } = clock
  const queueName = encodeOwner(name)
  const identity = { workerId, name, queueName, runtime, concurrency }
  const broker = { stomp, connection, session, isStale, sizeLimit }
  const base = { ...identity, ...broker, tell, problem, dropped, isDraining, clock, steady, newId, seal }

  // The jobs that it knows
  const heldJobs = new HeldJobs()
  const unackedLimit = new UnackedLimit(limits.maxUnackedMs)
  const pauses = new Pauses()
  const known = { ...base, implementations, heldJobs, memory, unackedLimit, pauses }

  // How it answers them, and how they end
  const replyBuffer = new ReplyBuffer(stomp, problem, dropped)
  const replies = { ...base, replyBuffer }
  const events = new JobEvents({ ...base, replyBuffer })
  const messages = new JobMessages(base)
  const settler = new Settler(known)
  const ends = new JobEnds({ ...known, settler, messages, events })
  const ending = { ...known, settler, messages, events, ends }

  // How a queue's jobs come, and which of them may begin
  const taskLimits = new TaskLimits(known)
  const isNamed = options.name !== undefined && isQueueName(queueName)
  const queues = new Queues({ ...base, tasks: [...implementations.keys()], isNamed, limits: taskLimits, pauses })
  const subscriptions = new QueueSubscriptions({ ...base, queues })
  const slots = new Slots({ ...known, ends, subscriptions, limits: taskLimits })

  // How they run
  const stuck = new StuckRuns({ limit: limits.stuckRuns, problem })
  const presence = new Presence({ ...base, pauses, announced, presenceIntervalMs, slots, ends, queues, stuck })
  const stall = new StallDetector(clock, ms => {
    problem(`${stallMessage(ms)}; implement(task, run, { isolate: 'thread' }) runs such code in a thread of its own`)
    warnAll(heldJobs, stomp, stallMessage(ms))
  })
  const retries = new Retries({ ...ending, slots, random })
  const { tracing = runtime.findTracing?.() } = options
  const running = {
    ...ending,
    tracing,
    limits,
    taskLimits,
    announced,
    slots,
    presence,
    stall,
    stuck,
    retries,
    isolates,
  }
  slots.listen(new JobRunner(running))

  // How it decides upon each delivery
  const brokerTime = new BrokerTime()
  const rests = new Rests({ ...ending, limits, slots, brokerTime })
  const duplicates = new Duplicates({ ...ending, slots, rests })
  const longHolds = new LongHolds({ ...ending, limits })
  const quarantine = new Quarantine({ ...ending, slots, limits: taskLimits })
  const unopenable = new Unopenable({ ...ending, slots })
  const consumer = new Consumer({
    ...ending,
    limits,
    slots,
    duplicates,
    quarantine,
    unopenable,
    rests,
    replies,
    brokerTime,
  })
  subscriptions.listen(consumer)

  // From its start to its end
  const lifecycle = new Lifecycle({
    ...ending,
    options,
    replyBuffer,
    queues,
    slots,
    presence,
    stall,
    consumer,
    longHolds,
    state,
    rests,
    brokerTime,
    isolates,
    uncaught,
  })
  await lifecycle.start()

  return {
    worker_id: workerId,
    name,
    closed: lifecycle.closed,
    get stats() {
      const { taken: active, waiting } = slots
      const resting = rests.size
      return { active, waiting: waiting.length, resting, stuck: stuck.count, ...ends.counts, dropped: log.droppedCount }
    },
    drain: () => lifecycle.drain(),
    [Symbol.asyncDispose]: () => lifecycle.drain(),
  }
}

/** Lets go of a file where an address is none. */
function connectOr(letGo: () => void, connect: () => Stomp): Stomp {
  try {
    return connect()
  } catch (error) {
    letGo()
    throw error
  }
}
