/** Jobs and replies open where they were sealed for, and nowhere else. */
import { describe, expect, it } from 'vitest'
import { joseCrypto } from './jose.ts'
import { createSeal, type JsonWebKeySet, type Jwk, newKey, publicKeys, type Seal } from './mod.ts'
import type { Sealed } from './sealed.ts'

const at = Date.UTC(2026, 10, 29)
const now = { at }
const clock = { now: () => now.at, steady: () => 0, timer: () => () => {} }
const ports = { clock, problem: () => {} }
const sealWith = (keys: JsonWebKeySet, options: object = {}): Seal => createSeal({ keys, ...options }, ports)
const request_id = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'
const job = { namespace: 'myapp', task: 'image.thumbnail', request_id, attempt: 1 }
const sealed = { ...job, expires_at: at + 60_000 }
const reply = { ...job, worker_id: 'w1', type: 'result', seq: 1 }

const edit = (sealed: Sealed, change: (header: Record<string, unknown>) => object): Sealed => {
  const header = JSON.parse(Buffer.from(sealed.protected, 'base64url').toString())
  return { ...sealed, protected: Buffer.from(JSON.stringify(change(header))).toString('base64url') }
}

describe.each(['x25519', 'p-256', 'shared'] as const)('a job sealed to a key of %s', kind => {
  const keysOf = async () => {
    const key = await newKey(kind)
    const set: JsonWebKeySet = { keys: [key] }
    return { key, set, worker: sealWith(set), master: sealWith(kind === 'shared' ? set : publicKeys(set)) }
  }

  it('opens with its private key, and is answered by its own key', async () => {
    const { master, worker } = await keysOf()
    const replyJwk = master.newReplyKey()
    const body = await master.sealJob(sealed, { path: 'cat.png' }, replyJwk)
    expect(JSON.stringify(body)).not.toContain(Buffer.from('cat.png').toString('base64url').slice(0, 8))
    const opened = await worker.openJob(job, body)
    expect(opened.input).toEqual({ path: 'cat.png' })
    const answer = await worker.sealReply(reply, { output: 7 }, [opened.replyKey])
    expect(await master.openReply(reply, answer, await master.replyKey(replyJwk))).toEqual({ output: 7 })
  })

  it.each([
    ['namespace', 'other'],
    ['task', 'image.other'],
    ['request_id', '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a12'],
    ['attempt', 2],
  ])('does not open with another %s', async (part, value) => {
    const { master, worker } = await keysOf()
    const body = await master.sealJob(sealed, {}, master.newReplyKey())
    const moved = worker.openJob({ ...job, [part]: value }, body)
    await expect(moved).rejects.toMatchObject({ code: 'seal_refused', message: expect.stringContaining(part) })
    const edited = edit(body, header => ({ ...header, drover: { ...(header.drover as object), [part]: value } }))
    await expect(worker.openJob({ ...job, [part]: value }, edited)).rejects.toMatchObject({ code: 'seal_refused' })
  })

  it('does not open after its time', async () => {
    const { master, worker } = await keysOf()
    const body = await master.sealJob({ ...sealed, expires_at: at - 300_001 }, {}, master.newReplyKey())
    await expect(worker.openJob(job, body)).rejects.toMatchObject({ code: 'seal_refused' })
  })

  it.each(['protected', 'iv', 'ciphertext', 'tag'] as const)('does not open with another %s', async part => {
    const { master, worker } = await keysOf()
    const body = await master.sealJob(sealed, {}, master.newReplyKey())
    const last = body[part].at(-3) === 'A' ? 'B' : 'A'
    const changed = { ...body, [part]: body[part].slice(0, -3) + last + body[part].slice(-2) }
    await expect(worker.openJob(job, changed)).rejects.toMatchObject({
      code: expect.stringMatching(/^(seal_refused|cannot_open)$/),
    })
  })

  it.each([
    ['none', { alg: 'none' }],
    ['dir', { alg: 'dir' }],
    ['RSA1_5', { alg: 'RSA1_5' }],
    ['p2c', { alg: 'PBES2-HS256+A128KW', p2c: 1_000_000_000, p2s: 'AAAA' }],
    ['zip', { zip: 'DEF' }],
    ['crit', { crit: ['exp'], exp: 1 }],
    ['jku', { jku: 'https://example.org/keys' }],
    ['A128GCM', { enc: 'A128GCM' }],
  ])('does not open with %s', async (_, change) => {
    const { master, worker } = await keysOf()
    const body = await master.sealJob(sealed, {}, master.newReplyKey())
    const opened = worker.openJob(
      job,
      edit(body, header => ({ ...header, ...change })),
    )
    await expect(opened).rejects.toMatchObject({ code: expect.stringMatching(/^(seal_refused|cannot_open)$/) })
  })
})

it('is for several at once, each with its own key', async () => {
  const keys = [await newKey('x25519'), await newKey('p-256'), await newKey('shared')]
  const body = await sealWith({ keys }).sealJob(sealed, 1, sealWith({ keys }).newReplyKey())
  expect(body.recipients).toHaveLength(3)
  for (const key of keys) expect((await sealWith({ keys: [key] }).openJob(job, body)).input).toBe(1)
  const stranger = sealWith({ keys: [await newKey('x25519')] })
  await expect(stranger.openJob(job, body)).rejects.toMatchObject({ code: 'cannot_open' })
})

it('seals by a new key from its time on, which opened before', async () => {
  const seconds = at / 1000
  const old: Jwk = { ...(await newKey('x25519')), exp: seconds + 60 }
  const next: Jwk = { ...(await newKey('x25519')), nbf: seconds + 60 }
  const both = sealWith({ keys: [old, next] })
  await both.ready()
  expect(both.openers).toEqual([old.kid, next.kid])
  expect(both.recipients).toEqual([old.kid])
  now.at = at + 60_000
  expect(both.recipients).toEqual([next.kid])
  now.at = at
})

describe('a signature', () => {
  it('is verified where it is, and expected where it is required', async () => {
    const [box, pen, stranger] = [await newKey('x25519'), await newKey('ed25519'), await newKey('ed25519')]
    const signing = sealWith({ keys: [box, pen] }, { sign: pen.kid })
    const body = await signing.sealJob(sealed, 1, signing.newReplyKey())
    const strict = sealWith({ keys: [box, ...publicKeys({ keys: [pen] }).keys] }, { signed: 'required' })
    expect((await strict.openJob(job, body)).input).toBe(1)
    const other = sealWith({ keys: [box, stranger] })
    await expect(other.openJob(job, body)).rejects.toMatchObject({ code: 'seal_refused' })
    const bare = await sealWith({ keys: [box] }).sealJob(sealed, 1, signing.newReplyKey())
    await expect(strict.openJob(job, bare)).rejects.toThrow('not signed')
  })
})

describe('a reply', () => {
  it.each([
    ['type', 'error'],
    ['seq', 2],
    ['worker_id', 'w2'],
    ['attempt', 2],
  ])('does not open with another %s', async (part, value) => {
    const seal = sealWith({ keys: [await newKey('shared')] })
    const key = await seal.replyKey(seal.newReplyKey())
    const body = await seal.sealReply(reply, { output: 7 }, [key])
    await expect(seal.openReply({ ...reply, [part]: value }, body, key)).rejects.toMatchObject({ code: 'seal_refused' })
  })

  it('is no job, and a job no reply, also by one key for both', async () => {
    const shared = await newKey('shared')
    const seal = sealWith({ keys: [shared] })
    const replyJwk = seal.newReplyKey()
    const stranger = await seal.sealReply(reply, { input: 7 }, [await seal.replyKey(replyJwk)])
    await expect(seal.openJob(job, stranger)).rejects.toMatchObject({ code: 'cannot_open' })

    const key = await seal.replyKey({ ...replyJwk, ...shared })
    const answer = await seal.sealReply(reply, { input: 7, reply_key: replyJwk }, [key])
    const refused = { code: 'seal_refused', message: expect.stringContaining('sealed for direction "reply"') }
    await expect(seal.openJob(job, answer)).rejects.toMatchObject(refused)
    const body = await seal.sealJob(sealed, 7, replyJwk)
    await expect(seal.openReply(reply, body, key)).rejects.toMatchObject({ code: 'seal_refused' })
  })
})

it('asks its port alone for randomness and for cryptography', async () => {
  const asked: string[] = []
  const crypto = new Proxy(joseCrypto, {
    get: (port, name, self) => {
      asked.push(String(name))
      return Reflect.get(port, name, self)
    },
  })
  const seal = sealWith({ keys: [await newKey('shared')] }, { crypto })
  const body = await seal.sealJob(sealed, 1, seal.newReplyKey())
  expect((await seal.openJob(job, body)).input).toBe(1)
  expect([...new Set(asked)].sort()).toEqual(['decrypt', 'encrypt', 'importKey', 'random'])
})
