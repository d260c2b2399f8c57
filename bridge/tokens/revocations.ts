/**
 * The tokens that count no longer before their end: one by its `jti`, those of an owner, or all that were issued before an
 * instant. The list is bounded, and outlives a restart where there is a file for it. Design section 4.
 */
import * as z from 'zod/mini'
import { DroverError } from '../../shared/contract/errors.ts'
import { isObject } from '../../shared/contract/json-values.ts'
import { randomId } from '../../shared/random-id.ts'
import { encodeOwner } from '../../shared/stomp/destinations.ts'
import type { Identity } from '../identity.ts'
import { maxToleranceMs } from './issuer-options.ts'

/** An entry outlives the end of its token by more than any token is taken past it, a child of an identity provider's too. */
const lateMs = maxToleranceMs + 10_000

/** How many single tokens, and how many owners, are on the list. */
const most = 10_000

export type Revocation =
  /** Without `until`, its end in ms since the epoch, it stays on the list. */
  | { readonly jti: string; readonly until?: number | undefined }
  /** Tokens of `owner` (encoded), or of anybody, that were issued before an instant, ms since the epoch. */
  | { readonly owner?: string | undefined; readonly before: number }

/** A file for the list. */
export interface RevocationsFile {
  /** Its text of the last time; absent: there is none. */
  readonly text: string | undefined
  /** Replaces it as a whole. */
  write(text: string): Promise<void>
}

/** A record that keeps every name: `z.record` leaves out `__proto__`. */
const named = <Value>(value: z.ZodMiniType<Value>): z.ZodMiniType<Map<string, Value>> =>
  z.pipe(
    z.transform(given => (isObject(given) ? new Map(Object.entries(given)) : given)),
    z.map(z.string(), value),
  )

const Stored = z.object({
  file: z.literal('drover revocations'),
  v: z.literal(1),
  /** `null`: without an end. */
  tokens: named(z.nullable(z.number())),
  owners: named(z.number()),
  before: z.number(),
})

export class Revocations {
  readonly #file: RevocationsFile | undefined
  readonly #now: () => number
  readonly #tokens: Map<string, number | null>
  readonly #owners: Map<string, number>
  #before: number
  #saved: Promise<void> = Promise.resolve()

  /** @throws {DroverError} `config_invalid` for a file that holds something else */
  constructor(file: RevocationsFile | undefined, now: () => number) {
    this.#file = file
    this.#now = now
    const { tokens, owners, before } = readStored(file?.text)
    this.#tokens = tokens
    this.#owners = owners
    this.#before = before
  }

  /**
   * Whether a proof counts no longer.
   * @param signedInAt of a password's session: it counts as issued then
   */
  isRevoked({ subject, owner: own, bounds, token }: Identity, signedInAt: number = Number.POSITIVE_INFINITY): boolean {
    const owner = bounds?.job === undefined ? own : encodeOwner(subject)
    // One that does not say when it was issued may be as old as any
    const issuedAt = token === undefined ? signedInAt : (token.issuedAt ?? 0)
    if (issuedAt < this.#before || issuedAt < (this.#owners.get(owner) ?? 0)) return true
    // Asked about each session again and again, and mostly there are none
    if (token?.jti === undefined || this.#tokens.size === 0) return false
    return parentsOf(token.jti).some(jti => this.#tokens.has(jti))
  }

  /**
   * Puts one on the list, which counts at once.
   * @returns resolves when it is in the file; rejects with `store_failed` when it will not outlive a restart
   * @throws {DroverError} `queue_full` when the list is, and nothing was revoked
   */
  revoke(revocation: Revocation): Promise<void> {
    if ('jti' in revocation) {
      const now = this.#now()
      for (const [jti, until] of this.#tokens) if (until !== null && until + lateMs < now) this.#tokens.delete(jti)
      checkRoom(this.#tokens, revocation.jti, 'tokens')
      this.#tokens.set(revocation.jti, revocation.until ?? null)
    } else if (revocation.owner === undefined) {
      this.#before = Math.max(this.#before, revocation.before)
      for (const [owner, before] of this.#owners) if (before <= this.#before) this.#owners.delete(owner)
    } else {
      const { owner, before } = revocation
      checkRoom(this.#owners, owner, 'owners')
      if (before > this.#before) this.#owners.set(owner, Math.max(this.#owners.get(owner) ?? 0, before))
    }
    return this.#save()
  }

  #save(): Promise<void> {
    const file = this.#file
    if (file === undefined) return Promise.resolve()
    const write = async (): Promise<void> => {
      const [tokens, owners] = [Object.fromEntries(this.#tokens), Object.fromEntries(this.#owners)]
      await file.write(JSON.stringify({ file: 'drover revocations', v: 1, tokens, owners, before: this.#before }))
    }
    // One after the other, so that no older list is written last
    this.#saved = this.#saved.then(write, write)
    return this.#saved.catch(cause => {
      throw new DroverError(
        'store_failed',
        "It is revoked until this bridge restarts: its file cannot be written; see the bridge's events, and send it again",
        { cause },
      )
    })
  }
}

/** A longer one cannot be named by `POST /revoke`. */
export const mostJtiCharacters = 500

/**
 * The `jti` of a token that was made from another begins with that one's and a dot, so that it is revoked with it.
 * @throws {DroverError} `forbidden` past a length up to which each of them can be revoked
 */
export function childJti(parent: string | undefined): string {
  if (parent === undefined) return randomId()
  const jti = `${parent}.${randomId().slice(-12)}`
  if (jti.length <= mostJtiCharacters) return jti
  throw new DroverError(
    'forbidden',
    `A token has at most ${mostJtiCharacters} characters of jti, and that of each begins with those before it; ask with one of these`,
  )
}

/** Itself and those that it may come from. */
function parentsOf(jti: string): readonly string[] {
  const found = [jti]
  // One that is longer has no children
  const most = Math.min(jti.length, mostJtiCharacters)
  for (let at = jti.indexOf('.'); at >= 0 && at < most; at = jti.indexOf('.', at + 1)) found.push(jti.slice(0, at))
  return found
}

function checkRoom(list: ReadonlyMap<string, unknown>, key: string, what: string): void {
  if (list.has(key) || list.size < most) return
  throw new DroverError(
    'queue_full',
    `The list of revoked ${what} has ${most} entries, which is the limit; revoke all that were issued before an instant`,
  )
}

function readStored(text: string | undefined): z.infer<typeof Stored> {
  if (text === undefined) return { file: 'drover revocations', v: 1, tokens: new Map(), owners: new Map(), before: 0 }
  try {
    return Stored.parse(JSON.parse(text))
  } catch (cause) {
    throw new DroverError(
      'config_invalid',
      'The file of revoked tokens cannot be read; bring back a copy of it, or remove it and revoke them again',
      { cause },
    )
  }
}
