/** Sessions that come and go, each in one of the ways that there are. */
import { mintToken } from 'drover/bridge'
import type { Grants } from 'drover/contract'
import { startMaster } from 'drover/master'
import { decodeJwt } from 'jose'
import { bodyOf, connectRaw, openRaw, type RawSession, raw } from '../support/raw-session.ts'
import { echo } from '../support/system/tasks.ts'

export interface SoakEnvironment {
  /** `http://127.0.0.1:port` */
  readonly url: string
  readonly secret: string
  readonly namespace: string
}

/** @throws {Error} when it did not go as it should */
type Visit = (environment: SoakEnvironment, id: string) => Promise<void>

const rights: Partial<Grants> = { dispatch: ['test.*'] }

/** A token of this environment. */
export const tokenOf = (
  environment: SoakEnvironment,
  sub: string,
  grants = rights,
  expiresInMs = 60_000,
): Promise<string> =>
  mintToken({ secret: environment.secret, sub, grants: { ...grants, ns: environment.namespace }, expiresInMs })

export const visits: Readonly<Record<string, Visit>> = {
  async 'dispatches and leaves'(environment, id) {
    await using session = await open(environment, id)
    await dispatch(session, environment, id)
    await answered(session)
    await leave(session)
  },
  async 'dispatches and is cut'(environment, id) {
    await using session = await open(environment, id)
    await dispatch(session, environment, id)
    session.socket.terminate()
  },
  async 'is cut before CONNECT'(environment) {
    await using _session = await openRaw(environment.url)
  },
  async 'renews and leaves'(environment, id) {
    await using session = await open(environment, id)
    const token = await tokenOf(environment, id, { ...rights, broadcast: ['test.*'] })
    session.send(raw('SEND', ['destination:/bridge/renew', 'receipt:renewed'], token))
    await session.next('RECEIPT')
    await dispatch(session, environment, id)
    await answered(session)
    await leave(session)
  },
  async 'is revoked'(environment, id) {
    const token = await tokenOf(environment, id)
    await using session = await open(environment, id, token)
    const { jti, exp = 0 } = decodeJwt(token)
    const authorization = `Bearer ${await tokenOf(environment, 'root', { admin: true })}`
    const body = JSON.stringify({ jti, expires_at: exp * 1_000 })
    const response = await fetch(`${environment.url}/revoke`, {
      method: 'POST',
      headers: { authorization, connection: 'close' },
      body,
    })
    if (!response.ok) throw new Error(`POST /revoke: ${response.status} ${await response.text()}`)
    await response.arrayBuffer()
    await ended(session, 'not_authenticated')
  },
  async 'stays until its token ends'(environment, id) {
    await using session = await open(environment, id, await tokenOf(environment, id, rights, 2_000))
    await ended(session, 'not_authenticated')
  },
  async 'goes beyond its rights'(environment, id) {
    await using session = await open(environment, id)
    session.send(raw('SEND', [`destination:/queue/${environment.namespace}.dead`], '{}'))
    await ended(session, 'forbidden')
  },
  async 'has a token of another'(environment, id) {
    const token = await mintToken({ secret: 'another secret of thirty-two bytes', sub: id, grants: rights })
    await using session = await openRaw(environment.url)
    session.send(raw('CONNECT', ['accept-version:1.2', 'host:/', `passcode:${token}`]))
    await ended(session, 'not_authenticated')
  },
  async 'a page that closes'(environment, id) {
    await using master = await startMaster({
      url: `${environment.url.replace('http', 'ws')}/stomp`,
      namespace: environment.namespace,
      token: () => tokenOf(environment, id),
    })
    await master.dispatch(echo, { text: id }).outcome
  },
}

async function open(environment: SoakEnvironment, id: string, token?: string): Promise<RawSession> {
  const session = await connectRaw(environment.url, { token: token ?? (await tokenOf(environment, id)) })
  session.send(raw('SUBSCRIBE', ['id:r', `destination:/queue/${environment.namespace}.reply.${id}.m`, 'receipt:reads']))
  await session.next('RECEIPT')
  return session
}

async function dispatch(session: RawSession, { namespace }: SoakEnvironment, id: string): Promise<void> {
  const request_id = crypto.randomUUID()
  session.send(
    raw(
      'SEND',
      [
        ...[`destination:/queue/${namespace}.tasks.test.echo`, `reply-to:/queue/${namespace}.reply.${id}.m`],
        ...[`correlation-id:${request_id}`, 'content-type:application/json', 'persistent:true', 'receipt:sent'],
      ],
      JSON.stringify({ v: 1, task: 'test.echo', request_id, input: { text: id }, timeout_ms: 120_000 }),
    ),
  )
  await session.next('RECEIPT')
}

async function answered(session: RawSession): Promise<void> {
  for (;;) {
    const { type } = JSON.parse(bodyOf(await session.next('MESSAGE'))) as { type: string }
    if (type === 'result') return
    if (type !== 'accepted' && type !== 'progress') throw new Error(`The outcome is ${type}`)
  }
}

async function leave(session: RawSession): Promise<void> {
  session.send(raw('DISCONNECT', ['receipt:bye']))
  await session.next('RECEIPT')
  await session.closed()
}

async function ended(session: RawSession, code: string): Promise<void> {
  const error = await session.next('ERROR')
  const found = error.header('drover-code')
  if (found !== code) throw new Error(`Ended by ${found}, not by ${code}: ${error.header('message')}`)
  await session.closed()
}
