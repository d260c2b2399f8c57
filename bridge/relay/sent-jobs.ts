/** The rules for a SEND of a job, from a master or a worker. Promise 7. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { Pass, SessionPasses } from '../grants/passes.ts'
import type { Policy, SendRule } from '../grants/policy.ts'
import type { Limits } from '../limits.ts'
import { checkHeader } from './headers/characters.ts'
import type { SendHead } from './headers/send-head.ts'

/**
 * Of which destination this SEND is a job: a broadcast that is sent again, for some workers, goes by their control topic.
 * @throws {DroverError} `forbidden`
 */
export function jobIn(
  rule: Exclude<SendRule, { refuse: string }>,
  destination: string,
  { replyTo }: SendHead,
): string | undefined {
  if (rule.allow === 'job') return destination
  if (rule.allow !== 'control' || replyTo === undefined) return undefined
  if (rule.broadcast !== undefined) return rule.broadcast
  throw new DroverError(
    'forbidden',
    `SEND to "${destination}" has a reply-to, with which it is a broadcast again, and this session may not broadcast that task`,
  )
}

/** @throws {DroverError} `forbidden` for a delay that is none, or too long */
export function checkDelay({ delay }: SendHead, destination: string, { maxDelayMs }: Limits): void {
  if (delay === undefined || (/^[0-9]{1,12}$/.test(delay) && Number(delay) <= maxDelayMs)) return
  throw new DroverError(
    'forbidden',
    `SEND to "${destination}" has a delay of ${JSON.stringify(delay.slice(0, 40))}; expected 0 to ${maxDelayMs} ms`,
  )
}

/** @throws {DroverError} `frame_invalid` for one that is not there, or that not every reader could send back as it is */
export function readCorrelationId(head: SendHead, destination: string): string {
  const { correlationId = '' } = head
  if (correlationId === '') {
    throw new DroverError(
      'frame_invalid',
      `SEND to "${destination}" has no correlation-id; a job needs one: give it the job's request_id`,
    )
  }
  if (correlationId.trim() !== correlationId) {
    throw new DroverError(
      'frame_invalid',
      `SEND to "${destination}" has a correlation-id with a blank at an end, which not every version of STOMP can carry; leave it out`,
    )
  }
  if (correlationId.includes('\\')) checkHeader('SEND', 'correlation-id', correlationId, '1.0')
  return correlationId
}

/**
 * The pass that a SEND about a job brings.
 * @throws {DroverError} `forbidden` where it is none for this
 */
export function readPass(
  passes: SessionPasses,
  { correlationId = '' }: SendHead,
  destination: string,
  text: string | undefined,
): { readonly pass: Pass; readonly text: string } {
  const judged = text === undefined ? 'is missing' : passes.read(text, correlationId)
  if (text !== undefined && typeof judged !== 'string') return { pass: judged, text }
  throw new DroverError(
    'forbidden',
    `SEND to "${destination}" needs the drover-pass of a job that this session was handed, and its correlation-id; the pass ${judged}`,
  )
}

/** Why a job may not ask to be answered there. */
export function refusedReplyTo(destination: string, replyTo: string | undefined, { namespace, owner }: Policy): string {
  const own = `expected /queue/${namespace}.reply.${owner}.{master_id}`
  if (replyTo === undefined) return `SEND to "${destination}" has no reply-to; ${own}`
  return `SEND to "${destination}" has reply-to ${JSON.stringify(replyTo.slice(0, 300))}, which is not this session's own; ${own}`
}
