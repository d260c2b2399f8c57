/** Somebody on the broker who has the public keys alone can neither read a sealed job, nor change one, nor answer one. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { systemClock } from '../../shared/clock.ts'
import { startMaster } from '../../shared/master/node.ts'
import { type Payload, sealBody } from '../../shared/seal/body.ts'
import { joseCrypto } from '../../shared/seal/jose.ts'
import {
  type Binding,
  createSeal,
  type JobBinding,
  type Jwk,
  newKey,
  publicKeys,
  type Seal,
  type Sealed,
} from '../../shared/seal/mod.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { type ScriptedMaster, scriptMaster } from '../support/scripted-master.ts'
import { until, within } from '../support/until.ts'
import { startWiretap, type Wiretap } from '../support/wiretap.ts'

const plain = 'Zm9vYmFy-plain-text'
const echo = defineTask('hostile.echo', { input: z.object({ text: z.string() }) })
const other = defineTask('hostile.other', { input: z.object({ text: z.string() }) })
const gated = defineTask('hostile.gated', { input: z.object({ text: z.string() }) })
const namespace = unique('hostile')

let stack: AsyncDisposableStack
let tap: Wiretap
let url: string
let key: Jwk
let seal: Seal
let attacker: ScriptedMaster
const log: WorkerEvent[] = []
const open = { of: Promise.withResolvers<void>() }

beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const { stompUrl } = await sharedBroker('embedded')
  tap = stack.use(await startWiretap(stompUrl))
  url = tap.through(stompUrl)
  key = await newKey('x25519')
  seal = createSeal({ keys: publicKeys({ keys: [key] }) }, { clock: systemClock, problem: () => {} })
  stack.use(
    await startWorker({
      url,
      namespace,
      signals: false,
      seal: { keys: { keys: [key] } },
      onEvent: event => void log.push(event),
      concurrency: 4,
      tasks: [
        implement(echo, ({ text }) => ({ text })),
        implement(other, ({ text }) => ({ text })),
        implement(gated, async ({ text }, job) => {
          await open.of.promise
          await job.partial({ text })
          return { text }
        }),
      ],
    }),
  )
  attacker = stack.use(await scriptMaster(url, namespace, []))
})
afterAll(() => stack.disposeAsync())
beforeEach(() => {
  open.of = Promise.withResolvers()
})

const startOne = async () =>
  stack.use(await startMaster({ url, namespace, seal: { keys: publicKeys({ keys: [key] }) } }))
const seen = () => tap.text() + JSON.stringify(log, (_, value) => (value instanceof Error ? value.stack : value))

/** A job's binding, genuine but for the given members. */
const bound = (id: string, changed: Partial<JobBinding> = {}): JobBinding => {
  const at = { namespace, task: echo.name, request_id: id, attempt: 1, expires_at: Date.now() + 30_000 }
  return { ...at, ...changed, direction: 'job' }
}
const sealedFor = (binding: JobBinding): Promise<Sealed> => seal.sealJob(binding, { text: plain }, seal.newReplyKey())

const protectedOf = ({ protected: header }: Sealed): Payload => JSON.parse(String(Buffer.from(header, 'base64url')))
const withHeader = (sealed: Sealed, changed: Payload): Sealed => ({
  ...sealed,
  protected: Buffer.from(JSON.stringify({ ...protectedOf(sealed), ...changed })).toString('base64url'),
})
/** Sealed as nobody would by Drover. */
async function sealedAs(binding: Binding | Payload, payload: Payload): Promise<Sealed> {
  const recipient = {
    kid: String(key.kid),
    alg: 'ECDH-ES+A256KW',
    key: await joseCrypto.importKey(key, 'seal'),
  } as const
  return sealBody(joseCrypto, binding as Binding, payload, [recipient])
}
const cut = (text: string) => text.slice(0, -4)
const bits = (text: string) => (text[0] === 'A' ? 'B' : 'A') + text.slice(1)

describe('a job that was made or changed on the way', () => {
  const secret = { text: plain }
  const reply_key = { kty: 'oct', alg: 'A256KW', kid: 'a', k: 'A'.repeat(43) }
  const changed: Record<string, (id: string) => unknown> = {
    'of another job': () => sealedFor(bound(crypto.randomUUID())),
    'of another task': id => sealedFor(bound(id, { task: other.name })),
    'of another namespace': id => sealedFor(bound(id, { namespace: 'elsewhere' })),
    'of another attempt': id => sealedFor(bound(id, { attempt: 2 })),
    'after its time': id => sealedFor(bound(id, { expires_at: Date.now() - 600_000 })),
    'without a time': id => sealedAs({ ...bound(id), expires_at: undefined }, { input: secret, reply_key }),
    'a reply': async id => {
      const { namespace, task, request_id, attempt } = bound(id)
      const reply = { direction: 'reply', namespace, task, request_id, attempt, worker_id: 'w', type: 'result', seq: 1 }
      return sealedAs(reply, { output: secret })
    },
    'a stored job': id => sealedAs({ direction: 'stored', request_id: id }, { job: secret, reply_key }),
    'without a reply key': id => sealedAs(bound(id), { input: secret }),
    'with a short reply key': id => sealedAs(bound(id), { input: secret, reply_key: { ...reply_key, k: 'AAAA' } }),
    deep: id => {
      let input: unknown = plain
      for (let i = 0; i < 1_000; i++) input = [input]
      return sealedAs(bound(id), { input, reply_key })
    },
    'with alg none': async id => withHeader(await sealedFor(bound(id)), { alg: 'none' }),
    'with alg dir': async id => withHeader(await sealedFor(bound(id)), { alg: 'dir' }),
    'with alg RSA1_5': async id => withHeader(await sealedFor(bound(id)), { alg: 'RSA1_5' }),
    'with alg A256KW': async id => withHeader(await sealedFor(bound(id)), { alg: 'A256KW' }),
    'with a p2c bomb': async id =>
      withHeader(await sealedFor(bound(id)), { alg: 'PBES2-HS256+A128KW', p2c: 2 ** 31, p2s: 'AAAA' }),
    'with a p2c': async id => withHeader(await sealedFor(bound(id)), { p2c: 2 ** 31 }),
    'with enc A128CBC-HS256': async id => withHeader(await sealedFor(bound(id)), { enc: 'A128CBC-HS256' }),
    'with zip': async id => withHeader(await sealedFor(bound(id)), { zip: 'DEF' }),
    'with crit': async id => withHeader(await sealedFor(bound(id)), { crit: ['exp'], exp: 1 }),
    'with another typ': async id => withHeader(await sealedFor(bound(id)), { typ: 'x' }),
    'with a huge header': async id => withHeader(await sealedFor(bound(id)), { typ: 'x'.repeat(5_000) }),
    'that names nobody': async id => withHeader(await sealedFor(bound(id)), { kid: undefined }),
    'with no header': async id => ({ ...(await sealedFor(bound(id))), protected: '' }),
    'with the null point': async id =>
      withHeader(await sealedFor(bound(id)), { epk: { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) } }),
    'flat and general': async id => ({ ...(await sealedFor(bound(id))), recipients: [{ header: { kid: key.kid } }] }),
    'with a short tag': async id => {
      const sealed = await sealedFor(bound(id))
      return { ...sealed, tag: cut(sealed.tag) }
    },
    'with another tag': async id => {
      const sealed = await sealedFor(bound(id))
      return { ...sealed, tag: bits(sealed.tag) }
    },
    'with another ciphertext': async id => {
      const sealed = await sealedFor(bound(id))
      return { ...sealed, ciphertext: bits(sealed.ciphertext) }
    },
    'with another iv': async id => ({ ...(await sealedFor(bound(id))), iv: '' }),
    'with another key': async id => {
      const { encrypted_key } = await sealedFor(bound(id))
      return { ...(await sealedFor(bound(id))), encrypted_key }
    },
    'with nothing': () => ({}),
    null: () => null,
    'a list': () => [1],
    'a text': () => 'eyJhbGciOiJub25lIn0.',
  }

  test('is rejected with a reason, and the worker goes on', async () => {
    const sent = await Promise.all(
      Object.entries(changed).map(async ([what, make]) => {
        const id = crypto.randomUUID()
        const sealed = await make(id)
        await attacker.send(echo.name, undefined, { body: { v: 1, request_id: id, attempt: 1, losses: 0, sealed } })
        return { what, id }
      }),
    )
    const answers = await Promise.all(sent.map(async ({ what, id }) => [what, await attacker.outcome(id)] as const))
    for (const [what, answer] of answers) {
      expect(answer, what).toMatchObject({
        type: 'rejected',
        issues: [{ message: expect.stringMatching(/^This .*\w/) }],
      })
      expect(JSON.stringify(answer), what).not.toContain(reply_key.k)
    }
    await until('each is dead', () => attacker.dead.length === sent.length)
    const master = await startOne()
    expect(await master.dispatch(echo, secret).outcome).toMatchObject({ type: 'result', output: secret })
    expect(seen()).not.toContain(plain)
    expect(seen()).not.toContain(String(key.d))
  })

  test('sealed for nobody here, it goes round until its time is over, and a thousand of them hold nobody up', async () => {
    const stranger = createSeal(
      { keys: publicKeys({ keys: [await newKey('x25519')] }) },
      { clock: systemClock, problem() {} },
    )
    const bodies = await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const id = crypto.randomUUID()
        const sealed = await stranger.sealJob(bound(id), {}, stranger.newReplyKey())
        return { v: 1, request_id: id, attempt: 1, losses: 0, sealed }
      }),
    )
    const ids = bodies.map(({ request_id }) => request_id)
    const expires = Date.now() + 5_000
    await Promise.all(
      bodies.map(body => attacker.send(echo.name, undefined, { body, headers: { expires: String(expires) } })),
    )
    const master = await startOne()
    expect(await master.dispatch(other, secret).outcome).toMatchObject({ type: 'result' })
    expect(await master.dispatch(echo, secret).outcome).toMatchObject({ type: 'result' })
    expect(Date.now(), 'it was there before they were gone').toBeLessThan(expires)
    await until('each was said once that it cannot be opened', () => ids.every(id => attacker.of(id).length > 0))
    for (const id of ids) expect(attacker.of(id).map(({ type }) => type)[0]).toBe('cannot_open')
  })
})

describe('another copy of a job that runs', () => {
  const run = async () => {
    const master = await startOne()
    const job = master.dispatch(gated, { text: plain }, { timeoutMs: 20_000 })
    await until('it runs', () => job.snapshot.phase.at === 'running')
    const replyTo = /\nreply-to:([^\n]*)\n/.exec(frameOf(job.request_id))![1]!
    return { master, job, id: job.request_id, replyTo }
  }
  const frameOf = (id: string) => {
    return tap
      .text()
      .split('\0')
      .find(frame => /^\s*SEND/.test(frame) && frame.includes(`correlation-id:${id}`))!
  }

  test.each(['its own', "the master's"] as const)(
    'in the open, answered at %s queue, makes no reply open',
    async where => {
      const { job, id, replyTo } = await run()
      const headers = where === 'its own' ? {} : { 'reply-to': replyTo }
      const dead = attacker.dead.length
      await attacker.send(gated.name, { text: 'x' }, { headers, body: { v: 1, request_id: id, attempt: 1, losses: 0 } })
      await until('it is dead', () => attacker.dead.length > dead, { evidence: () => JSON.stringify(log.slice(-5)) })
      open.of.resolve()
      expect(await within('it ends', job.outcome)).toMatchObject({ type: 'result', output: { text: plain } })
      expect(seen()).not.toContain(plain)
    },
  )

  test.each(['its own', "the master's"] as const)(
    'sealed, answered at %s queue, is told nothing that it can open',
    async where => {
      const { job, id, replyTo } = await run()
      const jwk = seal.newReplyKey()
      const sealed = await seal.sealJob(bound(id, { task: gated.name }), { text: 'x' }, jwk)
      const headers = where === 'its own' ? {} : { 'reply-to': replyTo }
      await attacker.send(gated.name, undefined, {
        headers,
        body: { v: 1, request_id: id, attempt: 1, losses: 0, sealed },
      })
      await until('it came', () =>
        log.some(one => one.type === 'job' && one.request_id === id && one.what !== 'accepted'),
      )
      open.of.resolve()
      expect(await within('it ends', job.outcome)).toMatchObject({ type: 'result', output: { text: plain } })
      expect(tap.text()).not.toContain(jwk.kid)
      expect(seen()).not.toContain(plain)
    },
  )
})
