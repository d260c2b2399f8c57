/** `POST /token` of a bridge with two secrets and an identity provider, at a time that a test sets. */
import { Hono } from 'hono'
import { DroverError } from '../../shared/contract/errors.ts'
import type { Grants } from '../../shared/contract/grants.ts'
import type { LinkedJob } from '../../shared/contract/linked-job.ts'
import { Users } from '../access/users.ts'
import { issueToken } from '../http/token.ts'
import type { Identity } from '../identity.ts'
import { defaultLimits } from '../limits.ts'
import { mintToken } from './mint.ts'
import { Revocations } from './revocations.ts'
import { createVerifier, type Trust, trustSecret, type VerifyToken } from './verify.ts'

export const secrets: readonly [string, string] = [
  'the new secret, of 32 bytes or more',
  'the old secret, of 32 bytes or more',
]
export const providerKey: Uint8Array<ArrayBuffer> = new TextEncoder().encode('the key of an identity provider, long')
export const provider = 'https://id.example'
/** ms since the epoch, in whole seconds. */
export const start = 1_795_000_000_000
/** The bridge's time. */
export const at: { now: number } = { now: start }
export const revocations: Revocations = new Revocations(undefined, () => at.now)
/** As an identity provider, whose tokens are taken a minute past their end. */
const { macs: _, ...ofSecret } = trustSecret(secrets[0])
const trusted: Trust = { ...ofSecret, key: [providerKey], issuer: provider, lateS: 60 }
export const verifierBy = (keys: readonly string[], issuers: readonly Trust[]): VerifyToken =>
  createVerifier(
    trustSecret(keys),
    () => at.now,
    issuers,
    identity => revocations.isRevoked(identity),
  )
export const verifyToken: VerifyToken = verifierBy(secrets, [trusted])

const caller = { address: '127.0.0.1', scheme: undefined }
const options = {
  base: '',
  secrets,
  issuer: undefined,
  users: Object.create(Users.prototype) as Users,
  verifyToken,
  handOnSeal: (identity: Identity) => identity,
  host: 'jobs.example',
  signIn: undefined,
  hasDefaultPassword: false,
  limits: defaultLimits,
  onEvent() {},
  now: () => at.now,
}
const app = new Hono()
app.post('/token', context => issueToken(context, caller, options))
app.onError((error, context) =>
  error instanceof DroverError
    ? context.json({ code: error.code, message: error.message }, 400)
    : context.text('', 500),
)

interface Answer {
  readonly token?: string
  readonly code?: string
  readonly message?: string
}

/** Asks for a token by another. */
export async function ask(parent: string, body: unknown, origin?: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${parent}`, ...(origin === undefined ? {} : { origin }) }
  const response = await app.request('/token', { method: 'POST', headers, body: JSON.stringify(body) })
  if (response.status >= 500) throw new Error(`POST /token failed with ${response.status}`)
  return (await response.json()) as Answer
}

export const pages = ['https://a.example', 'https://b.example', 'http://a.example', 'app://localhost'] as const
export const tasks = ['a', 'a.b', 'a.b.c', 'c', 'a-b'] as const
export const jobs: readonly LinkedJob[] = tasks
  .slice(0, 2)
  .flatMap(task =>
    [
      '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
      '3F0CDD1C-13F4-4B3C-9C0B-0D6F6F1F2A11',
      '00000000-0000-4000-8000-000000000000',
    ].map(request_id => ({ task, request_id })),
  )

export const decodePayload = (token: string): { origin?: string[]; jti: string } => {
  const claims = JSON.parse(atob(token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')))
  const { origin } = claims.drover
  return { ...claims, origin: typeof origin === 'string' ? [origin] : origin }
}
export const originOf = (token: string): string | undefined => decodePayload(token).origin?.[0]

/** A token of ada's, made at the start. */
export const adas = (more: object = {}, grants: Partial<Grants> = { dispatch: ['*'] }): Promise<string> => {
  at.now = start
  return mintToken({ secret: secrets[0], sub: 'ada', grants, now: start, ...more })
}
