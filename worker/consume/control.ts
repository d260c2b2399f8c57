/**
 * Control messages to the workers of a task: cancel, state, ping, job, pause and resume of masters, limit of other workers.
 * Promise 5.
 */
import { type Cancel, type Pausing, parseControl } from '../../shared/contract/mod.ts'
import { destinationsOf, type Incoming, type Stomp, type Subscription } from '../../shared/stomp/mod.ts'
import { type HeldJobs, hasBegun } from '../held-job.ts'
import { furthestAt } from '../job-copy.ts'
import type { Presence } from '../presence/presence.ts'
import { reportAgain } from '../run/reports.ts'
import type { JobEnds } from '../settle/job-ends.ts'
import type { JobMemory } from '../settle/job-memory.ts'
import type { Settler } from '../settle/settler.ts'
import { type AnswerStatePorts, answerState } from './answer-state.ts'
import type { BrokerTime } from './broker-time.ts'
import type { Consumer } from './consumer.ts'
import type { LongHolds } from './long-holds.ts'
import { type PausingPorts, setPaused } from './set-paused.ts'
import type { UnackedLimit } from './unacked-limit.ts'

export interface ControlPorts extends Omit<PausingPorts, 'heldJobs' | 'ends' | 'presence'>, AnswerStatePorts {
  readonly workerId: string
  readonly stomp: Pick<Stomp, 'subscribe'>
  readonly heldJobs: Pick<HeldJobs, 'get'> & PausingPorts['heldJobs']
  readonly memory: Pick<JobMemory, 'cancel' | 'ended'>
  readonly ends: Pick<JobEnds, 'stop'>
  readonly settler: Pick<Settler, 'answer'>
  readonly presence: Pick<Presence, 'pinged' | 'taskChanged'>
  readonly unackedLimit: Pick<UnackedLimit, 'learn'>
  readonly longHolds: Pick<LongHolds, 'look'>
  /** A message was let go of. */
  dropped(message?: string, error?: unknown): void
  readonly consumer: Pick<Consumer, 'broadcast'>
  readonly brokerTime: Pick<BrokerTime, 'heard'>
}

/** How long a cancelled id is remembered: the longest that a job without a timeout of its own can be on its way. */
const rememberedMs = 3_600_000

/** Subscribes to a task's control topic, and acts on its messages; one that cannot be read is told and ignored. */
export function subscribeControl(ports: ControlPorts, task: string): Subscription {
  const destination = destinationsOf(ports.session().namespace).control(task)
  return ports.stomp.subscribe(
    { destination, ack: 'auto', headers: session => session.dialect.topicReader },
    incoming => act(ports, task, incoming),
  )
}

function act(ports: ControlPorts, task: string, incoming: Incoming): void {
  const { dropped, presence, workerId, brokerTime, steady } = ports
  brokerTime.heard(incoming.headers.timestamp, steady())
  let message: ReturnType<typeof parseControl>
  try {
    message = parseControl(incoming.body)
  } catch (error) {
    dropped(`A control message for "${task}" cannot be read`, error)
    return
  }
  if (message === undefined) dropped() // of a type that this version does not know
  if (message?.type === 'ping') presence.pinged(task)
  if (message?.type === 'limit') learn(ports, incoming, message.max_unacked_ms)
  if (message?.type === 'state') tellState(ports, task, message.request_id, incoming)
  if (message?.type === 'cancel') cancel(ports, task, message, incoming)
  if (message?.type === 'pause' || message?.type === 'resume') pause(ports, task, message, incoming)
  if (message?.type === 'job' && message.worker_ids.includes(workerId)) takeBroadcast(ports, task, incoming)
}

/**
 * A broadcast that this worker may have missed. Its sender has to have had the right to broadcast: a bridge that lets
 * such a message through writes a pass into it, and one of before does not.
 */
function takeBroadcast({ session, dropped, consumer }: ControlPorts, task: string, incoming: Incoming): void {
  const { 'reply-to': replyTo, 'drover-sender': sender, 'drover-pass': pass } = incoming.headers
  const cameByBridge = session().bridged || sender !== undefined
  if (replyTo === undefined || (cameByBridge && pass === undefined)) dropped()
  else consumer.broadcast(task, incoming)
}

/** A bridge says by its stamp who may operate the task; without one it is a program with the broker's own login. */
function pause(ports: ControlPorts, task: string, { type, names }: Pausing, { headers }: Incoming): void {
  const { 'drover-sender': sender, 'drover-operator': stamp } = headers
  if (names !== undefined && !names.includes(ports.name)) return
  if (sender === undefined || stamp === 'true') setPaused(ports, task, type === 'pause', sender)
  else ports.dropped(`A message to ${type} "${task}" counts for nothing: ${sender} may not operate the task`)
}

function cancel(
  ports: ControlPorts,
  task: string,
  { request_id, reason, keep_ms = 0, max_unacked_ms: maxUnackedMs }: Cancel,
  incoming: Incoming,
): void {
  const { heldJobs, memory, ends, steady } = ports
  const isTakenBack = learn(ports, incoming, maxUnackedMs)
  const now = steady()
  const held = heldJobs.get(request_id)
  const isOurs = held?.task === task
  const keptMs = Math.max(rememberedMs, Math.min(keep_ms, furthestAt))
  memory.cancel(task, request_id, reason, Math.max(isOurs ? held.deadlineAt : 0, now + keptMs))
  if (isOurs) ends.stop(held, { why: isTakenBack ? 'held_too_long' : 'cancelled', reason })
}

/** @returns whether it is a worker's word: a bridge says who sends behind it, and it may be anybody */
function learn(
  { unackedLimit, longHolds }: ControlPorts,
  { headers }: Incoming,
  maxUnackedMs: number | undefined,
): boolean {
  if (maxUnackedMs === undefined || headers['drover-sender'] !== undefined) return false
  unackedLimit.learn(maxUnackedMs)
  longHolds.look()
  return true
}

function tellState(ports: ControlPorts, task: string, requestId: string, incoming: Incoming): void {
  const { heldJobs, memory, settler, steady } = ports
  if (incoming.headers['reply-to']) {
    answerState(ports, task, requestId, incoming)
    return
  }
  const held = heldJobs.get(requestId)
  if (held?.task === task && hasBegun(held)) reportAgain(held)
  const ended = memory.ended(requestId, steady())
  if (ended?.task === task) void settler.answer(ended)
}
