/**
 * A session goes on with a new token before its own ends: the same owner and namespace, other grants. Nothing of it reaches the
 * broker. Subscriptions that the new grants still allow live on. Design section 4.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import type { ScannedFrame } from '../../shared/frames/mod.ts'
import type { Identity } from '../identity.ts'
import type { BrowserSide } from './browser-side.ts'
import type { RelayContext } from './context.ts'

/** A SEND to `/bridge/renew`. */
export interface RenewalRequest {
  /** As it was sent: not known to be one. */
  readonly token: string
}

/** @param frame a SEND: the token is its body, or else a header as of CONNECT */
export function readRenewal(frame: ScannedFrame): RenewalRequest {
  const body = new TextDecoder().decode(frame.body).trim()
  const given = body || frame.header('passcode') || (frame.header('authorization') ?? '').replace(/^bearer +/i, '')
  if (given !== '') return { token: given }
  throw new DroverError(
    'not_authenticated',
    'A SEND to /bridge/renew has no token; give the new one as its body, as passcode or as authorization: Bearer TOKEN',
  )
}

/** The part of a session that a new token changes. */
export interface RenewableSession {
  /** Of its destinations. */
  readonly namespace: string
  /** Whether a new token of it is being verified. */
  isRenewing: boolean
  /**
   * Goes on by a new proof of the same owner and namespace.
   * @throws {DroverError} `forbidden` when a subscription is not granted any more
   */
  renew(identity: Identity): void
}

export interface RenewalPorts {
  readonly context: Pick<RelayContext, 'authenticate' | 'tokenUses'>
  readonly browser: BrowserSide
  /** Whether the session is still open, once the token is verified. */
  readonly isWanted: () => boolean
}

/**
 * Verifies the token, gives the session its grants and end, and tells RECEIPT. Frames of either side go on meanwhile, by the
 * grants of before.
 * @param receipt of the SEND; absent: success is not told
 * @throws {DroverError} `frame_invalid` while another is under way, `not_authenticated` for the token, `forbidden` for another
 * owner or namespace, or where a subscription is not granted any more: the session ends with it
 */
export async function renewSession(
  { context, browser, isWanted }: RenewalPorts,
  session: RenewableSession,
  { token }: RenewalRequest,
  receipt: string | undefined,
): Promise<void> {
  if (session.isRenewing) {
    throw new DroverError(
      'frame_invalid',
      'A SEND to /bridge/renew came before the RECEIPT of the one before; wait for it',
    )
  }
  session.isRenewing = true
  const identity = await context.authenticate({ authorization: `Bearer ${token}` }, browser.peer)
  session.isRenewing = false
  if (!isWanted()) return
  checkSame('owner', browser.owner, identity.owner)
  checkSame('namespace', session.namespace, identity.grants.ns)
  // A session that goes on by it is one of its sessions
  const giveBack = context.tokenUses.take(identity)
  try {
    session.renew(identity)
  } catch (error) {
    giveBack()
    throw error
  }
  browser.confirm(receipt)
}

function checkSame(what: string, own: string | undefined, given: string): void {
  if (own === given) return
  throw new DroverError(
    'forbidden',
    `The token in a SEND to /bridge/renew is of another ${what} than this session; renew with one of the same, or connect again`,
  )
}
