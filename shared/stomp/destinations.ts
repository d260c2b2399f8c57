/**
 * Every destination of the wire contract, made and read in one place. Design section 2.
 *
 * Names are those of the contract, `/queue/…` and `/topic/…`; where a broker needs another spelling to send to one, its
 * dialect says so.
 */
import { TaskName } from '../contract/names.ts'

/** The purpose of a destination of the contract. */
export type Purpose =
  /** `name`, encoded: of the one worker that it is for. */
  | { readonly kind: 'job'; readonly mode: 'queue' | 'topic'; readonly task: string; readonly name?: string }
  | { readonly kind: 'reply'; readonly owner?: string; readonly masterId?: string }
  | { readonly kind: 'control' | 'presence' | 'events'; readonly task: string }
  | { readonly kind: 'dead' }

export interface Destinations {
  /** Gives a job to one worker. */
  queue(task: string): string
  /** Gives a job to the worker of that name. `name` is encoded already. */
  named(task: string, name: string): string
  /** Gives a job to every worker. */
  topic(task: string): string
  /** Replies to the single master of the original set-up. */
  readonly reply: string
  /** Replies to one master of many. `owner` is encoded already. */
  replyOf(owner: string, masterId: string): string
  control(task: string): string
  presence(task: string): string
  events(task: string): string
  /** Jobs that were given up on. */
  readonly dead: string
}

/** Where a session sends a new token to go on: to the bridge itself, which passes none on. */
export const renewDestination = '/bridge/renew'
/** Where a link to one job asks for it: of the bridge itself, which writes the question. */
export const jobQueryDestination = '/bridge/job'

/**
 * The destinations of a namespace.
 * @param ns such as `myapp`
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { destinationsOf, encodeOwner } from 'drover/stomp'
 * const to = destinationsOf('myapp')
 * assert.equal(to.queue('image.thumbnail'), '/queue/myapp.tasks.image.thumbnail')
 * assert.equal(to.named('image.thumbnail', encodeOwner('box-1.lan')), '/queue/myapp.named.image.thumbnail.box-1_2elan')
 * assert.equal(to.replyOf('ada', 'tab-1'), '/queue/myapp.reply.ada.tab-1')
 * ```
 */
export function destinationsOf(ns: string): Destinations {
  return {
    queue: task => `/queue/${ns}.tasks.${task}`,
    named: (task, name) => `/queue/${ns}.named.${task}.${name}`,
    topic: task => `/topic/${ns}.tasks.${task}`,
    reply: `/queue/${ns}.reply`,
    replyOf: (owner, masterId) => `/queue/${ns}.reply.${owner}.${masterId}`,
    control: task => `/topic/${ns}.control.${task}`,
    presence: task => `/topic/${ns}.workers.${task}`,
    events: task => `/topic/${ns}.events.${task}`,
    dead: `/queue/${ns}.dead`,
  }
}

const taskKinds = { control: 'control', workers: 'presence', events: 'events' } as const
/** One part of a reply queue's name: an owner as `encodeOwner` gives it, or a master id. */
const replyPart = /^[A-Za-z0-9_-]{1,300}$/
/** A worker's name as `encodeOwner` gives it, in its one spelling. */
const namePart = /^(?=.{1,300}$)([a-z0-9-]|_[0-9a-f]{2})+$/

/** Whether a name, encoded, may stand in the name of a queue. */
export const isQueueName = (encoded: string): boolean => namePart.test(encoded)

/**
 * Reads a destination of the contract.
 * @returns its purpose, or `undefined` for anything that is not exactly one of them: another namespace, a wildcard, a
 * list, a spelling with escapes
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { readDestination } from 'drover/stomp'
 * assert.deepEqual(readDestination('myapp', '/topic/myapp.control.host.facts'), { kind: 'control', task: 'host.facts' })
 * assert.equal(readDestination('myapp', '/queue/myapp.tasks.a,/queue/other'), undefined)
 * ```
 */
export function readDestination(ns: string, destination: string): Purpose | undefined {
  const isQueue = destination.startsWith(`/queue/${ns}.`)
  if (!isQueue && !destination.startsWith(`/topic/${ns}.`)) return undefined
  const rest = destination.slice('/queue/'.length + ns.length + 1)
  const dot = rest.indexOf('.')
  const first = dot < 0 ? rest : rest.slice(0, dot)
  const tail = dot < 0 ? '' : rest.slice(dot + 1)
  if (first === 'tasks') {
    return TaskName.safeParse(tail).success ? { kind: 'job', mode: isQueue ? 'queue' : 'topic', task: tail } : undefined
  }
  if (isQueue && first === 'named') return readNamed(tail)
  if (isQueue) return dot < 0 && first === 'dead' ? { kind: 'dead' } : readReply(first, dot < 0 ? undefined : tail)
  if (!Object.hasOwn(taskKinds, first) || !TaskName.safeParse(tail).success) return undefined
  return { kind: taskKinds[first as keyof typeof taskKinds], task: tail }
}

function readNamed(tail: string): Purpose | undefined {
  const dot = tail.lastIndexOf('.')
  const task = tail.slice(0, Math.max(0, dot))
  const name = tail.slice(dot + 1)
  return isQueueName(name) && TaskName.safeParse(task).success ? { kind: 'job', mode: 'queue', task, name } : undefined
}

function readReply(first: string, tail: string | undefined): Purpose | undefined {
  if (first !== 'reply') return undefined
  if (tail === undefined) return { kind: 'reply' }
  const [owner, masterId, ...more] = tail.split('.')
  if (owner === undefined || masterId === undefined || more.length > 0) return undefined
  return replyPart.test(owner) && replyPart.test(masterId) ? { kind: 'reply', owner, masterId } : undefined
}

/**
 * Writes an authenticated subject, or a worker's name, so that it may stand in a destination: bytes outside `[a-z0-9-]` become `_hh`.
 * Different subjects stay different.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { encodeOwner } from 'drover/stomp'
 * assert.equal(encodeOwner('Ada@x.org'), '_41da_40x_2eorg')
 * ```
 */
export function encodeOwner(subject: string): string {
  let encoded = ''
  for (const byte of new TextEncoder().encode(subject)) {
    const char = String.fromCharCode(byte)
    encoded += /[a-z0-9-]/.test(char) ? char : `_${byte.toString(16).padStart(2, '0')}`
  }
  return encoded
}
