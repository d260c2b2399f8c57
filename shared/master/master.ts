/**
 * The master's table of contents: its parts in the order in which they are read, each with the parts that it needs. A part
 * calls those above it, and hears from them as a listener (`listen`). Roads: docs/architecture.md, sections 2 and 4.
 */
import { v4 } from 'uuid'
import { systemClock } from '../clock.ts'
import { DroverError } from '../contract/errors.ts'
import { connectStomp } from '../stomp/mod.ts'
import type { Master } from './api.ts'
import { ChangeListeners } from './changes.ts'
import { lazyDeadLetters } from './dead/lazy.ts'
import { Cancels } from './dispatch/cancels.ts'
import { DispatchSpans } from './dispatch/dispatch-spans.ts'
import { Dispatcher } from './dispatch/dispatcher.ts'
import { Secrets } from './dispatch/input.ts'
import { JobPublisher } from './dispatch/job-publisher.ts'
import { Rebroadcasts } from './dispatch/rebroadcasts.ts'
import { StateQueries } from './dispatch/state-queries.ts'
import { JobError } from './errors.ts'
import type { BroadcastHandle } from './jobs/broadcast-handle.ts'
import { JobDeadlines } from './jobs/job-deadlines.ts'
import type { JobFeedPorts } from './jobs/job-feed.ts'
import type { JobHandle } from './jobs/job-handle.ts'
import { JobIndex } from './jobs/job-index.ts'
import { JobStore } from './jobs/job-store.ts'
import { Jobs } from './jobs/jobs.ts'
import { maxKept, maxPartials } from './jobs/state/retention.ts'
import { Lifecycle } from './lifecycle.ts'
import { checkKeeps, type MasterOptions } from './options.ts'
import { Attendance } from './presence/attendance.ts'
import { tellPause } from './presence/pausing.ts'
import { Roster } from './presence/roster.ts'
import { Recovery } from './recovery/recovery.ts'
import { Current } from './replies/current.ts'
import { DiscardCounter } from './replies/discards.ts'
import { ReplyReader } from './replies/reply-reader.ts'
import { ReplySubscription } from './replies/reply-subscription.ts'
import { JobSeals } from './sealing/job-seals.ts'
import { memoryStorage } from './storage/memory.ts'
import { Timeouts } from './timeouts.ts'

/**
 * Makes a master that connects in the background: jobs may be dispatched before it has, and wait.
 * @throws {DroverError} `config_invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { createMaster } from 'drover/master'
 * await using master = createMaster({ url: 'ws://127.0.0.1:9/stomp' }) // nobody is there
 * const job = master.dispatch('host.facts', {}, { timeoutMs: 20 })
 * assert.equal(master.outboxSize, 1)
 * assert.deepEqual(await job.outcome, { type: 'timed_out', timeout_ms: 20 })
 * ```
 */
export function createMaster<Tasks = unknown>(options: MasterOptions): Master<Tasks> {
  const { clock = systemClock, newId = v4, storage = memoryStorage(), url, masterId } = options
  const { keepEnded = 1000, keepReplies = maxKept, keepPartials = maxPartials } = options
  const { replyQueue = 'own', awayGraceMs = 30_000 } = options
  if (options.stomp === undefined && url === undefined) {
    throw new DroverError(
      'config_invalid',
      'A master needs a url, such as "wss://jobs.example/stomp", or a stomp connection',
    )
  }
  checkKeeps(options)
  const ownsStomp = options.stomp === undefined
  const stomp = options.stomp ?? connectStomp({ wakes: true, ...options, url: url!, clock })
  const changes = new ChangeListeners()
  const timeouts = new Timeouts(clock, () => lifecycle.stoodStill())
  const base = { stomp, clock, newId, changes, timeouts }
  const isOver = () => lifecycle.connection.at === 'closed'
  const seals =
    options.seal === undefined
      ? undefined
      : new JobSeals({ ...base, options: options.seal, storage, readText: options.readText, isOver })

  // The jobs, and the workers that are there
  const index = new JobIndex(keepEnded)
  const kept = seals === undefined ? storage : seals.storage(storage, options.storage !== undefined)
  const store = new JobStore({ storage: kept, clock })
  const limits = { replies: keepReplies, partials: keepPartials }
  const reading: JobFeedPorts['current'] = {
    mayHaveNews: requestId => current.mayHaveNews(requestId),
    get isCurrent() {
      return current.isCurrent
    },
  }
  const jobs = new Jobs({ ...base, index, store, limits, current: reading })
  const discards = new DiscardCounter(changes)
  const roster = new Roster({ ...base, discards })
  const known = { ...base, index, store, jobs, roster }
  const attendance = new Attendance(known)

  // How far the reply queue is read, and which jobs are overdue
  const current = new Current(known)
  const deadlines = new JobDeadlines({ ...known, current, awayGraceMs })

  // Outgoing: jobs, cancels, state queries
  const secrets = new Secrets()
  const { tracing } = options
  const spans = tracing && new DispatchSpans(tracing)
  const sending = { ...known, secrets, current, deadlines, seals, spans }
  const publisher = new JobPublisher(sending)
  const dispatcher = new Dispatcher({ ...sending, attendance, publisher, isSealing: seals !== undefined })
  const cancels = new Cancels({ ...known, attendance })
  const queries = new StateQueries(base)
  const rebroadcasts = new Rebroadcasts(sending)

  // Incoming: replies, and recovery after a break
  const recovery = new Recovery({ ...sending, publisher, cancels, queries })
  const reader = new ReplyReader({ ...known, current, recovery, discards, seals, tracing })
  const subscription = new ReplySubscription({ ...base, replyQueue, reader })

  const dead = lazyDeadLetters({
    clock,
    connect() {
      if (url === undefined)
        throw new DroverError(
          'config_invalid',
          'Dead letters are read by a connection of their own; give the master a url',
        )
      return connectStomp({ ...options, url, clock })
    },
    async brokerNow() {
      await lifecycle.ready // by then the broker has told its time
      return current.brokerNow()
    },
  })

  // From its beginning to its end
  const sessionParts = [dispatcher, publisher, cancels, rebroadcasts, queries, roster]
  const running = { ...sending, publisher, dispatcher, queries, recovery, reader, subscription, sessionParts }
  const lifecycle = new Lifecycle({ ...running, ownsStomp, masterId })

  const master: Master = {
    clock,
    async run(task, input, jobOptions) {
      const job = master.dispatch(task, input, jobOptions)
      const outcome = await job.outcome
      if (outcome.type === 'result') return outcome.output
      throw new JobError(job.task, job.request_id, outcome)
    },
    dispatch: (...job) => dispatcher.dispatch('queue', ...job) as JobHandle<never>,
    broadcast: (...job) => dispatcher.dispatch('topic', ...job) as BroadcastHandle<never>,
    jobs: index.shown,
    get counts() {
      return index.counts
    },
    get letGo() {
      return index.letGo
    },
    job: requestId => jobs.handleOf(requestId),
    again: requestId => dispatcher.again(requestId),
    cancel: (requestId, reason) => jobs.cancel(requestId, reason),
    forget: requestId => jobs.forget(requestId),
    forgetAll: () => lifecycle.forgetAll(),
    dead,
    watch: task => roster.watch(task),
    pause: (task, pausing) => tellPause(stomp, 'pause', task, pausing),
    resume: (task, pausing) => tellPause(stomp, 'resume', task, pausing),
    workers: roster.workers,
    get tasks() {
      return roster.tasks()
    },
    onChange: listener => changes.add(listener),
    get connection() {
      return lifecycle.connection
    },
    ready: lifecycle.ready,
    get outboxSize() {
      return index.counts.unsent
    },
    get storageProblem() {
      return store.problem
    },
    get seal() {
      if (seals === undefined) return undefined
      const { recipients, problem, isUnkept } = seals
      return { recipients, problem, isUnkept }
    },
    get discards() {
      return { ...discards.counts }
    },
    get masterId() {
      return lifecycle.masterId
    },
    [Symbol.asyncDispose]: () => lifecycle.dispose(),
  }
  return master as Master<Tasks>
}
