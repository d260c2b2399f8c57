/** Whether an input is too large to be sent, before it is: the other side says how much it takes. */
import type { Master } from '../../shared/master/mod.ts'
import { number } from '../look/mod.ts'

/** The least that a job has around its input, in bytes: its other fields, and the headers. */
const leastAround = 300
/** The least that a seal has in it and around it: the reply key; header, initialization vector, tag. */
const leastInside = 100
const leastOfSeal = 200
/** For each key: its name and the key of the content, encrypted for it. */
const leastOfKey = 60

/**
 * Counts the least that a job of this input can have: the master finds out about one that is a little too large when it sends it.
 * @returns why it is too large; `undefined` where it may not be, or nobody said how much is taken
 */
export function tooLargeToSend(
  input: unknown,
  { connection, seal }: Pick<Master, 'connection' | 'seal'>,
): string | undefined {
  const most = connection.at === 'open' ? connection.session.maxFrameBytes : undefined
  if (most === undefined) return undefined
  const plain = new TextEncoder().encode(JSON.stringify(input)).length
  const bytes = leastAround + (seal === undefined ? plain : sealedBytes(plain, seal.recipients.length))
  if (bytes <= most) return undefined
  const has = seal === undefined ? 'it has' : 'sealed, it has'
  return `This input is too large to be sent: ${has} at least ${number(bytes)} bytes, and the other side takes ${number(most)}. Make it shorter, or put the data where the worker finds it.`
}

/** Base64url of the content, and the rest. */
const sealedBytes = (plain: number, keys: number): number =>
  Math.ceil(((plain + leastInside) * 4) / 3) + leastOfSeal + keys * leastOfKey
