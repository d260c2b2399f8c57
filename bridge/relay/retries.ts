/** A dead letter that an operator sends again, as the broker gets it. Promise 7. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { StompVersion } from '../../shared/frames/mod.ts'
import { sendKind } from '../../shared/stomp/dialects/mod.ts'
import { passEnd, type SessionPasses } from '../grants/passes.ts'
import type { Policy } from '../grants/policy.ts'
import type { SendHead } from './headers/send-head.ts'
import { createStamp, type Written, writeSend } from './headers/write-send.ts'
import type { Letter, Letters } from './letters.ts'

export interface RetryOptions {
  readonly policy: Policy
  readonly version: StompVersion
  readonly passes: SessionPasses
  readonly letters: Letters
}

/**
 * Writes the SEND of a retry. Reply-to and sender are those of the letter. Where a bridge vouched for its job, the pass is written
 * anew, since that of before has ended, or ends before the retry does.
 * @param id of the letter, as its ACK names it
 * @throws {DroverError} `forbidden`
 */
export function writeRetry(
  head: SendHead,
  destination: string,
  id: string,
  { policy, version, passes, letters }: RetryOptions,
): Written {
  const refuse = (why: string): DroverError => new DroverError('forbidden', `SEND to "${destination}" ${why}`)
  if (!policy.mayRetry(destination)) {
    throw refuse('with drover-letter is a retry of a dead letter; it takes the grants dead and, for that task, operate')
  }
  const letter = letters.use(id, head.transaction)
  if (letter === undefined) {
    throw refuse(
      'names by drover-letter one that does not wait for an ACK of this session, or was sent again already; each may be sent once',
    )
  }
  const { correlationId = '' } = head
  if (letter.correlationId !== correlationId) throw refuse('has another correlation-id than its dead letter')
  const proven = letter.pass === undefined ? undefined : passes.proves(letter.pass, correlationId)
  if (proven !== undefined && proven.destination !== destination) {
    throw refuse(`is of a dead letter whose job lay in "${proven.destination}"; send it there`)
  }
  const headers = Object.entries(sendKind(policy.dialect, destination))
  headers.push(['drover-retried', policy.owner])
  const replyTo = proven?.replyTo ?? letter.replyTo
  if (replyTo !== '') headers.push(['reply-to', replyTo])
  if (proven !== undefined) {
    const endsAt = passEnd(passes.now(), { expires: head.expires, ttlMs: head.ttl })
    headers.push(['drover-pass', passes.write(proven, correlationId, endsAt)])
    if (proven.sender !== '') headers.push(['drover-sender', proven.sender])
  }
  headers.push(...onceHeaders(policy, letter))
  return writeSend(head, createStamp(headers, version), false, false)
}

/** Where an ACK takes no part in transactions, the letter may stand once more: a second retry of it is dropped. */
function onceHeaders({ dialect: { once } }: Policy, { messageId }: Letter): [string, string][] {
  const found = once?.delivery.exec(messageId)?.[1]
  return once === undefined || found === undefined ? [] : [[once.header, `letter-${found}`]]
}
