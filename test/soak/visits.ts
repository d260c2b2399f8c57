/** Sessions that come and go, each in one of the ways that there are. */
import { mintToken } from 'drover/bridge'
import type { Grants } from 'drover/contract'
import { startMaster } from 'drover/master'
import { decodeJwt } from 'jose'
import { bodyOf, connectRaw, openRaw, type RawSession, raw } from '../support/raw-session.ts'
import { echo } from '../support/system/tasks.ts'

export interface Place {
  /** `http://127.0.0.1:port` */
  readonly url: string
  readonly secret: string
  readonly namespace: string
}

/** @throws {Error} when it did not go as it should */
type Visit = (place: Place, id: string) => Promise<void>

const rights: Partial<Grants> = { dispatch: ['test.*'] }

/** A token of this place. */
export const tokenOf = (place: Place, sub: string, grants = rights, expiresInMs = 60_000): Promise<string> =>
  mintToken({ secret: place.secret, sub, grants: { ...grants, ns: place.namespace }, expiresInMs })

export const visits: Readonly<Record<string, Visit>> = {
  async 'dispatches and leaves'(place, id) {
    await using session = await open(place, id)
    await dispatch(session, place, id)
    await answered(session)
    await leave(session)
  },
  async 'dispatches and is cut'(place, id) {
    await using session = await open(place, id)
    await dispatch(session, place, id)
    session.socket.terminate()
  },
  async 'is cut before CONNECT'(place) {
    await using _session = await openRaw(place.url)
  },
  async 'renews and leaves'(place, id) {
    await using session = await open(place, id)
    const token = await tokenOf(place, id, { ...rights, broadcast: ['test.*'] })
    session.send(raw('SEND', ['destination:/bridge/renew', 'receipt:renewed'], token))
    await session.next('RECEIPT')
    await dispatch(session, place, id)
    await answered(session)
    await leave(session)
  },
  async 'is revoked'(place, id) {
    const token = await tokenOf(place, id)
    await using session = await open(place, id, token)
    const { jti, exp = 0 } = decodeJwt(token)
    const authorization = `Bearer ${await tokenOf(place, 'root', { admin: true })}`
    const body = JSON.stringify({ jti, expires_at: exp * 1_000 })
    const response = await fetch(`${place.url}/revoke`, {
      method: 'POST',
      headers: { authorization, connection: 'close' },
      body,
    })
    if (!response.ok) throw new Error(`POST /revoke: ${response.status} ${await response.text()}`)
    await response.arrayBuffer()
    await ended(session, 'not_authenticated')
  },
  async 'stays until its token ends'(place, id) {
    await using session = await open(place, id, await tokenOf(place, id, rights, 2_000))
    await ended(session, 'not_authenticated')
  },
  async 'goes beyond its rights'(place, id) {
    await using session = await open(place, id)
    session.send(raw('SEND', [`destination:/queue/${place.namespace}.dead`], '{}'))
    await ended(session, 'forbidden')
  },
  async 'has a token of another'(place, id) {
    const token = await mintToken({ secret: 'another secret of thirty-two bytes', sub: id, grants: rights })
    await using session = await openRaw(place.url)
    session.send(raw('CONNECT', ['accept-version:1.2', 'host:/', `passcode:${token}`]))
    await ended(session, 'not_authenticated')
  },
  async 'a page that closes'(place, id) {
    await using master = await startMaster({
      url: `${place.url.replace('http', 'ws')}/stomp`,
      namespace: place.namespace,
      token: () => tokenOf(place, id),
    })
    await master.dispatch(echo, { text: id }).outcome
  },
}

async function open(place: Place, id: string, token?: string): Promise<RawSession> {
  const session = await connectRaw(place.url, { token: token ?? (await tokenOf(place, id)) })
  session.send(raw('SUBSCRIBE', ['id:r', `destination:/queue/${place.namespace}.reply.${id}.m`, 'receipt:reads']))
  await session.next('RECEIPT')
  return session
}

async function dispatch(session: RawSession, { namespace }: Place, id: string): Promise<void> {
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
