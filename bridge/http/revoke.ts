/** `POST /revoke`: somebody with the grant `admin` ends tokens before their time. Design section 4. */
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { DroverError } from '../../shared/contract/errors.ts'
import { encodeOwner } from '../../shared/stomp/destinations.ts'
import type { Sender } from '../access/authenticate.ts'
import type { OnEvent } from '../events.ts'
import type { Identity } from '../identity.ts'
import { mostJtiCharacters, type Revocation, type Revocations } from '../tokens/revocations.ts'
import { readBody } from './read-body.ts'

export interface RevokeOptions {
  readonly revocations: Pick<Revocations, 'revoke'>
  readonly onEvent: OnEvent
  /** Who asks, by the headers of the request. */
  identify(authorization: string | undefined, sender: Sender): Promise<Identity>
  /** Ends the sessions that are open by revoked tokens. */
  endSessions(): void
  now(): number
}

/** In 2001. Less are s that were taken for ms, and nothing would be revoked by them. */
const earliestMs = 1e12
/** How far another's clock may be ahead. By a later `before` nobody would get in until then. */
const aheadMs = 600_000

const instant = z.number().check(z.minimum(earliestMs), z.maximum(8.64e15))
const Request = z.union([
  z.strictObject({
    jti: z.string().check(z.minLength(1), z.maxLength(mostJtiCharacters)),
    expires_at: z.optional(instant),
  }),
  z.strictObject({ owner: z.string().check(z.minLength(1), z.maxLength(500)), before: z.optional(instant) }),
  z.strictObject({ before: instant }),
])

/** Answers `POST /revoke`: `{ jti, expires_at? }`, `{ owner, before? }` or `{ before }`; instants in ms since the epoch. */
export async function revoke(context: Context, address: string, options: RevokeOptions): Promise<Response> {
  const { revocations, onEvent, identify, endSessions, now } = options
  // First, since its token may be revoked while the rest of it comes
  const body = await readBody(context)
  const { owner: by, grants } = await identify(context.req.header('authorization'), {
    address,
    origin: context.req.header('origin'),
  })
  if (grants.admin !== true) throw new DroverError('forbidden', 'To revoke tokens takes the grant "admin"')
  const parsed = Request.safeParse(body)
  if (!parsed.success || ('before' in parsed.data && (parsed.data.before ?? 0) > now() + aheadMs)) {
    throw new DroverError(
      'message_invalid',
      'Expected one of {"jti":TEXT}, {"owner":TEXT} and {"before":MS}; a jti may have expires_at, and an owner before, in ms since the epoch (13 digits); before is not after now',
    )
  }
  const revoking = revocations.revoke(revocationOf(parsed.data, now()))
  endSessions()
  const what = JSON.stringify(parsed.data)
  onEvent({ type: 'revoked', owner: by, address, what, http_request_id: context.get('requestId') })
  await revoking
  context.header('cache-control', 'no-store')
  return context.json({ revoked: true })
}

function revocationOf(request: z.infer<typeof Request>, now: number): Revocation {
  if ('jti' in request) return { jti: request.jti, until: request.expires_at }
  // A token says its second: one of this second counts as issued before now
  if ('owner' in request) return { owner: encodeOwner(request.owner), before: request.before ?? now + 1 }
  return { before: request.before }
}
