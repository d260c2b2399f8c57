/**
 * A browser is told one clear sentence when the broker says ERROR. The broker's own words carry class names, stack
 * traces, host names and other people's destinations; they go to the operator's events instead. Design section 6,
 * promise 7.
 */
import type { ErrorCode } from '../../shared/contract/errors.ts'
import { withoutNames } from '../../shared/stomp/errors/error-text.ts'

export interface BrowserError {
  readonly code: ErrorCode
  readonly message: string
}

const ownCodes = ['frame_invalid', 'frame_too_large', 'queue_full', 'slow_reader', 'store_failed'] as const

const unknownAck: BrowserError = {
  code: 'frame_invalid',
  message:
    'An ACK or NACK names a message that does not wait for one in this session: acknowledged before, or given back',
}

const meanings: readonly { readonly pattern: RegExp; readonly error: BrowserError }[] = [
  {
    // Before the others: behind these words it names the destination, which may have any of theirs in it
    pattern: /^poison ack cannot be transacted/i,
    error: { code: 'frame_invalid', message: 'This broker takes no NACK in a transaction; send it without one' },
  },
  {
    pattern: /not allowed to specify (any|multi)cast semantics/i,
    error: {
      code: 'config_invalid',
      message:
        'The broker takes that queue for a topic, or that topic for a queue; its operator has to correct its address settings',
    },
  },
  {
    pattern:
      /not authori[sz]ed|authori[sz]ation|access[ _]refused|permission|denied|security|may not (send|subscribe)/i,
    error: {
      code: 'forbidden',
      message: "The broker refused this frame: the bridge's own broker user has no right to that destination",
    },
  },
  {
    pattern:
      /\bN?ACK\b|acknowledging|failed to ack|unknown delivery tag|current subscription with tag|[Mm]essage with id .{0,300} has no subscription|subscription id .{1,300} does not match/,
    error: unknownAck,
  },
  {
    pattern: /(invalid|bad) transaction|transaction (was )?already/i,
    error: { code: 'frame_invalid', message: 'A frame names a transaction that is not open, or begins one that is' },
  },
  {
    pattern: /no subscription|unsubscribe/i,
    error: { code: 'frame_invalid', message: 'An UNSUBSCRIBE names no open subscription of this session' },
  },
  {
    pattern: /login|authenticat|user name|passcode|password|credential/i,
    error: {
      code: 'broker_error',
      message:
        "The broker does not accept the bridge's own login; the operator of the bridge has to correct its broker URL",
    },
  },
  {
    pattern:
      /too (large|big)|exceeds|max(imum)? ?(frame|message|data|body|header) ?(size|length)|maximum number of headers/i,
    error: { code: 'frame_too_large', message: 'The broker refused this frame: it is larger than the broker takes' },
  },
  {
    pattern: /memory limit|usage manager|\bfull\b|no space|limit reached|too many|not enough/i,
    error: { code: 'queue_full', message: 'The broker has no room for this message now; try again later' },
  },
  {
    pattern: /inequivalent/i,
    error: {
      code: 'config_invalid',
      message:
        'The broker has that queue already, made with other arguments; its operator has to delete the queue, or the policy that makes it so',
    },
  },
  {
    pattern: /precondition|already in use|in use by|exclusive/i,
    error: {
      code: 'broker_error',
      message: 'The broker refused this frame: that destination is in use with other settings',
    },
  },
]

const unknown: BrowserError = {
  code: 'broker_error',
  message: "The broker refused this frame; the bridge's events have its own words",
}

/**
 * The sentence for an ERROR of the broker.
 * @param message its `message` header
 * @param body the rest of its words; searched only when the header says nothing known, or one word
 * @param code of our own broker's ERROR, where it is ours: honoured, with its sentence, where it is about this session's frames
 * @param acked the id in the session's ACK, for an ERROR about one
 */
export function errorForBrowser(message: string, body: string, code?: string, acked?: string): BrowserError {
  const own = ownCodes.find(known => known === code)
  if (own !== undefined) return { code: own, message }
  const said = withoutNames(body.slice(0, 2_000))
  const words = withoutNames(message)
  // A header of one word is the broker's name for a kind of fault, and the body tells which it is
  for (const text of /^\w+$/.test(message) ? [said, words] : [words, said]) {
    const found = meanings.find(({ pattern }) => pattern.test(text))
    if (found?.error === unknownAck && acked !== undefined) {
      return { ...unknownAck, message: `${unknownAck.message} (it named ${JSON.stringify(acked.slice(0, 200))})` }
    }
    if (found) return found.error
  }
  return unknown
}
