/** The sealed bodies of docs/vectors/seal.json open. They are constants, so that the format stays as it is. */
import { readFileSync } from 'node:fs'
import { createSeal, type JsonWebKeySet, type Jwk, type ReplyJwk, type Sealed } from 'drover/seal'
import { describe, expect, test } from 'vitest'

interface Place {
  readonly direction: string
  readonly namespace: string
  readonly task: string
  readonly request_id: string
  readonly attempt: number
}
interface Vector {
  readonly name: string
  readonly now: number
  readonly keys: readonly Jwk[]
  readonly signature_key?: Jwk
  readonly job: {
    readonly place: Place
    readonly payload: { readonly input: unknown; readonly reply_key: ReplyJwk }
    readonly sealed: Sealed
  }
  readonly reply: {
    readonly place: Place & { readonly worker_id: string; readonly type: string; readonly seq: number }
    readonly reply_keys: readonly ReplyJwk[]
    readonly payload: unknown
    readonly sealed: Sealed
  }
}

const read = (path: string): string => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8')
const vectors = JSON.parse(read('vectors/seal.json')) as readonly Vector[]

const sealAt = (now: number, { keys }: JsonWebKeySet, options: object = {}) => {
  const clock = { now: () => now, steady: () => 0, timer: () => () => {} }
  return createSeal({ keys: { keys }, ...options }, { clock, problem: () => {} })
}

test('there are as many as the page says', () => {
  const algorithms = vectors.map(({ keys, signature_key }) =>
    [...keys, signature_key ?? {}].map(key => key.crv ?? key.alg),
  )
  expect(algorithms).toEqual([
    ['A256KW', undefined],
    ['P-256', undefined],
    ['X25519', undefined],
    ['A256KW', 'P-256', 'X25519', undefined],
    ['P-256', 'Ed25519'],
  ])
})

test('the page shows the first', () => {
  const [, section = ''] = /### Test vectors\n(.*?)\n##/s.exec(read('protocol.md')) ?? []
  const [key, job] = Array.from(section.matchAll(/```json\n(.*?)```/gs), ([, block = '']) => JSON.parse(block))
  expect(vectors[0]!.keys[0]).toMatchObject(key)
  const { sealed, ...open } = job
  const { place, sealed: whole } = vectors[0]!.job
  expect(open).toEqual({ request_id: place.request_id, task: place.task, attempt: place.attempt })
  for (const [name, start] of Object.entries<string>(sealed)) {
    expect(whole[name as 'iv'].startsWith(start.replace('…', '')), name).toBe(true)
  }
})

describe.each(vectors)('$name', ({ now, keys, signature_key, job, reply }) => {
  const signing = signature_key === undefined ? [] : [signature_key]
  const strict = signature_key === undefined ? {} : { signed: 'required' }
  const { direction: _, ...jobPlace } = job.place
  const { direction: __, ...replyPlace } = reply.place

  test.each(keys)('the job opens with $kid', async key => {
    const seal = sealAt(now, { keys: [key, ...signing] }, strict)
    const { input, replyJwk } = await seal.openJob(jobPlaceOf(jobPlace), job.sealed)
    expect({ input, reply_key: replyJwk }).toEqual(job.payload)
  })

  test.each(reply.reply_keys)('the reply opens with $kid', async replyKey => {
    const seal = sealAt(now, { keys: [...keys, ...signing] }, strict)
    expect(await seal.openReply(replyPlace, reply.sealed, await seal.replyKey(replyKey))).toEqual(reply.payload)
  })

  test('the job does not open an hour later', async () => {
    const seal = sealAt(now + 3_600_000, { keys: [...keys, ...signing] })
    await expect(seal.openJob(jobPlaceOf(jobPlace), job.sealed)).rejects.toMatchObject({ code: 'seal_refused' })
  })
})

/** A job's message does not say when it is over. */
const jobPlaceOf = ({ namespace, task, request_id, attempt }: Omit<Place, 'direction'>) => {
  return { namespace, task, request_id, attempt }
}
