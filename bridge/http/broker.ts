/**
 * `GET /broker`, `POST /broker/purge` and `POST /broker/move`: operators look into the queues of the embedded broker, empty them,
 * and move their messages. A POST changes nothing unless it says `confirm`, and tells of the messages that it would take.
 */
import type { Context } from 'hono'
import * as z from 'zod/mini'
import type { Operated, Operations, QueueState, WaitingMessage } from '../../broker/mod.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import type { Grants } from '../../shared/contract/grants.ts'
import type { Sender } from '../access/authenticate.ts'
import type { BridgeEvent, OnEvent } from '../events.ts'
import { createReaddress, mayOperate, whyNotMoved } from '../grants/operated-queues.ts'
import type { Passes } from '../grants/passes.ts'
import type { Identity } from '../identity.ts'
import { checkBody, readBody } from './read-body.ts'

export interface BrokerRoutesOptions {
  /** Of the embedded broker; absent: the bridge stands before another one. */
  readonly operations: Operations | undefined
  /** Whether it keeps persistent messages on disk. */
  readonly isKept: boolean
  /** The name of the broker, for people. */
  readonly brokerName: string
  readonly passes: Pick<Passes, 'read' | 'write'>
  readonly onEvent: OnEvent
  /** Who asks, by the headers of the request. */
  identify(authorization: string | undefined, sender: Sender): Promise<Identity>
  now(): number
}

/** Queues in one answer; those with most messages, where there are more. */
const maxQueues = 1_000
/** Messages that a preview tells of. */
const shownMessages = 20

const Limit = z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000)))
const Confirm = z.optional(z.boolean())
const Purge = z.object({ queue: z.string(), limit: Limit, confirm: Confirm })
const Move = z.object({ from: z.string(), to: z.string(), limit: Limit, confirm: Confirm })

/** Answers `GET /broker`: every queue that the one who asks may operate, or with `?queue=NAME` one and its next messages. */
export async function describeBroker(
  context: Context,
  address: string,
  options: BrokerRoutesOptions,
): Promise<Response> {
  const { operations, grants } = await admit(context, address, options)
  const { isKept, now } = options
  const about = { broker: 'embedded', namespace: grants.ns, kept: isKept }
  const name = context.req.query('queue')
  if (name !== undefined) {
    checkQueue(grants, name)
    return answer(context, { ...about, ...preview(operations, name, now()) })
  }
  const { queues, more } = operations.queues(queue => mayOperate(grants, queue), maxQueues)
  return answer(context, { ...about, queues: queues.map(queue => describeQueue(queue, now())), more })
}

/** Answers `POST /broker/purge`: `{ queue, limit?, confirm? }`. */
export async function purgeQueue(context: Context, address: string, options: BrokerRoutesOptions): Promise<Response> {
  // First, since its token may be revoked while the rest of it comes
  const body = await readBody(context)
  const { operations, grants, owner } = await admit(context, address, options)
  const expected = 'queue (text), limit (1 to 1000000) and confirm (true)'
  const { queue, limit, confirm } = checkBody(body, Purge, expected)
  checkQueue(grants, queue)
  if (confirm !== true) return answer(context, { preview: true, ...preview(operations, queue, options.now()) })
  const done = await operations.purge(queue, { limit })
  const facts = { owner, address, http_request_id: context.get('requestId'), queue, messages: done.messages }
  return answerDone(context, done, { type: 'queue_purged', ...facts }, options)
}

/** Answers `POST /broker/move`: `{ from, to, limit?, confirm? }`. */
export async function moveQueue(context: Context, address: string, options: BrokerRoutesOptions): Promise<Response> {
  const body = await readBody(context)
  const { operations, grants, owner } = await admit(context, address, options)
  const expected = 'from and to (text), limit (1 to 1000000) and confirm (true)'
  const { from, to, limit, confirm } = checkBody(body, Move, expected)
  checkQueue(grants, from)
  checkQueue(grants, to)
  const why = whyNotMoved(grants.ns, from, to)
  if (why !== undefined) throw new DroverError('message_invalid', why)
  const there = operations.queue(to)
  if (confirm !== true) {
    const target = there === undefined ? null : describeQueue(there, options.now())
    return answer(context, { preview: true, ...preview(operations, from, options.now()), to: target })
  }
  const done = await operations.move(from, to, { limit, readdress: createReaddress(grants.ns, to, options.passes) })
  const facts = { owner, address, http_request_id: context.get('requestId'), from, to, messages: done.messages }
  return answerDone(context, done, { type: 'queue_moved', ...facts }, options)
}

interface Admitted {
  readonly operations: Operations
  readonly grants: Grants
  readonly owner: string
}

/** @throws {DroverError} `not_authenticated`, `forbidden`, `unsupported` */
async function admit(
  context: Context,
  address: string,
  { operations, brokerName, identify }: BrokerRoutesOptions,
): Promise<Admitted> {
  const { grants, owner } = await identify(context.req.header('authorization'), {
    address,
    origin: context.req.header('origin'),
  })
  if (grants.operate.length === 0) {
    throw new DroverError('forbidden', 'This sign-in may operate no task; ask for the grant "operate"')
  }
  if (operations !== undefined) return { operations, grants, owner }
  throw new DroverError(
    'unsupported',
    `This bridge stands before ${brokerName}, whose queues it cannot look into; use the console or the tools of that broker`,
  )
}

/** @throws {DroverError} `forbidden` */
function checkQueue(grants: Grants, name: string): void {
  if (mayOperate(grants, name)) return
  throw new DroverError(
    'forbidden',
    `The queue ${JSON.stringify(name.slice(0, 300))} is not one that this sign-in may operate: those of its tasks in ${grants.ns}, and with "*" all of ${grants.ns}`,
  )
}

function preview(operations: Operations, name: string, now: number): object {
  const queue = operations.queue(name)
  const messages = operations.waiting(name, shownMessages).map(describeMessage)
  return { queue: queue === undefined ? null : describeQueue(queue, now), messages }
}

const describeQueue = ({ oldestAt, ...counts }: QueueState, now: number): object => ({
  ...counts,
  oldest_at: oldestAt ?? null,
  oldest_age_ms: oldestAt === undefined ? null : Math.max(0, now - oldestAt),
})

const describeMessage = ({ correlationId, sender, isRedelivered, at, dueAt, ...rest }: WaitingMessage): object => ({
  ...rest,
  correlation_id: correlationId,
  sender,
  redelivered: isRedelivered,
  at,
  due_at: dueAt,
})

function answerDone(context: Context, done: Operated, event: BridgeEvent, { onEvent }: BrokerRoutesOptions): Response {
  onEvent(event)
  const { messages, left, stoppedBecause } = done
  return answer(context, { messages, left, stopped_because: stoppedBecause })
}

function answer(context: Context, body: object): Response {
  context.header('cache-control', 'no-store')
  return context.json(body)
}
