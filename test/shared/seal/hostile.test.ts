/** Sealed bodies that somebody on the way, or somebody with a key, made up. Each is refused by a sentence that quotes no payload. */

import { createSeal, type Jwk, newKey, publicKeys, type Sealed } from 'drover/seal'
import { FlattenedEncrypt, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { joseCrypto } from '../../../shared/seal/jose.ts'

const now = Date.UTC(2026, 10, 29)
const clock = { now: () => now, steady: () => 0, timer: () => () => {} }
const sealOf = (keys: readonly Jwk[], options: object = {}) => {
  return createSeal({ keys: { keys }, ...options }, { clock, problem: () => {} })
}
const [first, second, curve, pen] = await Promise.all([
  newKey('x25519'),
  newKey('x25519'),
  newKey('p-256'),
  newKey('ed25519'),
])
const shared = await newKey('shared')
const secret = 'opal-jade-ruby'
const job = {
  namespace: 'myapp',
  task: 'image.thumbnail',
  request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
  attempt: 1,
}
const bound = { ...job, expires_at: now + 60_000 }
const drover = { ...bound, direction: 'job' }

const worker = sealOf([first, second, curve, shared])
const replyJwk = worker.newReplyKey()
const sealedFor = (...keys: Jwk[]): Promise<Sealed> => sealOf(publicOf(keys)).sealJob(bound, { secret }, replyJwk)
const publicOf = (keys: readonly Jwk[]): readonly Jwk[] => keys.map(key => publicKeys({ keys: [key] }).keys[0] ?? key)
const encode = (value: unknown): string => {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}
const decode = (text: string): Record<string, unknown> => JSON.parse(Buffer.from(text, 'base64url').toString())

/** How a body is refused, after every message on the way to its cause was looked at for the payload and the keys. */
async function refusal(body: unknown, seal = worker, place: typeof job = job) {
  const error: Error & { code?: string } = await seal.openJob(place, body).then(
    () => new Error('it opened'),
    (error: Error) => error,
  )
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    expect(one.message).not.toContain(secret)
    for (const key of [first, second, curve, shared, { ...replyJwk } as Jwk]) {
      for (const part of [key.d, key.k]) if (typeof part === 'string') expect(one.message).not.toContain(part)
    }
    expect(one.message.length).toBeLessThan(600)
  }
  return `${error.code}: ${error.message}`
}

const flat = await sealedFor(first)
const general = await sealedFor(first, second)
const onCurve = await sealedFor(curve)
const recipient = general.recipients![0]!
const withHeader = (header: object): Sealed => ({
  ...flat,
  protected: encode({ ...decode(flat.protected), ...header }),
})
const otherEpk = decode((await sealedFor(second)).protected).epk

describe('a body of the wrong shape', () => {
  const bodies: Readonly<Record<string, unknown>> = {
    nothing: null,
    'a text': secret,
    'a list': [flat],
    'a compact JWE': [flat.protected, flat.encrypted_key, flat.iv, flat.ciphertext, flat.tag].join('.'),
    'no tag': { ...flat, tag: undefined },
    'a truncated tag': { ...flat, tag: flat.tag.slice(0, 16) },
    'an empty tag': { ...flat, tag: '' },
    'a tag whose beginning is at the end of the content': {
      ...flat,
      ciphertext: encode(''),
      tag: flat.tag.slice(0, 12),
    },
    'a truncated iv': { ...flat, iv: flat.iv.slice(0, 8) },
    'an iv of 16 bytes': { ...flat, iv: encode('0123456789abcdef') },
    'an empty iv': { ...flat, iv: '' },
    'a header of 1 MiB': withHeader({ kid: 'k'.repeat(1 << 20) }),
    '10,000 recipients': { ...general, recipients: Array.from({ length: 10_000 }, () => recipient) },
    'no recipients': { ...general, recipients: [] },
    'recipients that are none': { ...general, recipients: [null, secret] },
    'an encrypted key of 1 MiB': { ...flat, encrypted_key: 'A'.repeat(1 << 20) },
    padding: { ...flat, ciphertext: `${flat.ciphertext}==` },
    'another alphabet': { ...flat, ciphertext: '+/+/' },
    'line breaks': { ...flat, ciphertext: `${flat.ciphertext}\n` },
  }
  test.each(Object.keys(bodies))('%s', async name => {
    expect(await refusal(bodies[name])).toMatch(/^seal_refused: This sealed body is no JWE in JSON/)
    expect(() => worker.canOpen(bodies[name])).toThrow(expect.objectContaining({ code: 'seal_refused' }))
  })
})

describe('a header', () => {
  const { epk: _, ...bare } = decode(flat.protected)
  const reversed = JSON.stringify(bare).replace('{', '{"alg":"none",')
  const bodies: Readonly<Record<string, readonly [Sealed, RegExp]>> = {
    'that is no JSON': [{ ...flat, protected: encode('{"alg"') }, /^seal_refused: This sealed body names no key/],
    'that is a list': [{ ...flat, protected: encode([]) }, /^seal_refused/],
    'that is empty': [{ ...flat, protected: '' }, /^seal_refused/],
    'not in UTF-8': [{ ...flat, protected: Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url') }, /^seal_refused/],
    'of deep nesting': [withHeader({ epk: JSON.parse('['.repeat(900) + ']'.repeat(900)) }), /^seal_refused/],
    'with a member twice': [
      { ...flat, protected: encode(reversed) },
      /^seal_refused: This body is not what was sealed/,
    ],
    'with alg in both': [
      { ...flat, header: { alg: 'ECDH-ES+A256KW' } },
      /^seal_refused: .* its header has "alg" twice/,
    ],
    'with epk in both': [{ ...flat, header: { epk: otherEpk } }, /^seal_refused: .* its header has "epk" twice/],
    'with another alg outside': [{ ...flat, header: { alg: 'dir' } }, /^seal_refused/],
    'with another alg': [withHeader({ alg: 'dir' }), /its alg is "dir"; the key ".+" is for ECDH-ES\+A256KW$/],
    'with another enc': [withHeader({ enc: 'A128GCM' }), /its enc is "A128GCM"; expected "A256GCM"$/],
    'with enc outside': [{ ...flat, header: { enc: 'A128GCM' } }, /"enc", which is not spoken here/],
    'with zip outside': [{ ...flat, header: { zip: 'DEF' } }, /"zip", which is not spoken here/],
    'with crit outside': [{ ...flat, header: { crit: ['exp'] } }, /"crit", which is not spoken here/],
    'with a name that is a prototype': [withHeader(JSON.parse('{"__proto__":{"alg":"dir"}}')), /^seal_refused/],
    'with apu': [withHeader({ apu: 'AAAA' }), /"apu", which is not spoken here/],
    'with a key in it': [withHeader({ jwk: first }), /"jwk", which is not spoken here/],
    'with the cty of another content': [withHeader({ cty: 'JWT' }), /its cty is "JWT"/],
    'with a kid that is an object': [withHeader({ kid: {} }), /^seal_refused/],
    'with the kid of another key': [withHeader({ kid: second.kid }), /^seal_refused/],
    'with the kid of another kind': [withHeader({ kid: shared.kid }), /^seal_refused/],
    'without a binding': [withHeader({ drover: undefined }), /^seal_refused: .* sealed for namespace unknown/],
    'with a binding that is a text': [withHeader({ drover: secret.slice(0, 4) }), /^seal_refused/],
    'with another epk': [withHeader({ epk: otherEpk }), /^seal_refused: This body is not what was sealed/],
    'with an epk of another curve': [withHeader({ epk: decode(onCurve.protected).epk }), /^seal_refused/],
    'with an epk of no key': [withHeader({ epk: {} }), /^seal_refused/],
    'with an epk of low order': [
      withHeader({ epk: { kty: 'OKP', crv: 'X25519', x: encode('\0'.repeat(32)) } }),
      /^seal_refused/,
    ],
    'without an epk': [{ ...flat, protected: encode(bare) }, /^seal_refused/],
  }
  test.each(Object.keys(bodies))('%s', async name => {
    const [body, reason] = bodies[name]!
    expect(await refusal(body)).toMatch(reason)
  })

  test('whose epk is not on its curve', async () => {
    const header = decode(onCurve.protected)
    const off = { ...(header.epk as object), y: encode('\u0001'.repeat(32)) }
    expect(await refusal({ ...onCurve, protected: encode({ ...header, epk: off }) })).toMatch(/^seal_refused/)
  })
})

describe('several recipients', () => {
  const change = (changed: object, at = 0): Sealed => {
    const recipients = general.recipients!.map((one, number) => (number === at ? { ...one, ...changed } : one))
    return { ...general, recipients }
  }
  const bodies: Readonly<Record<string, readonly [Sealed, RegExp]>> = {
    'and one key at the top': [{ ...general, encrypted_key: flat.encrypted_key }, /both flat and for several/],
    'and a header at the top': [{ ...general, header: {} }, /both flat and for several/],
    'with a kid twice, the first of them false': [
      { ...general, recipients: [{ ...recipient, encrypted_key: general.recipients![1]!.encrypted_key }, recipient] },
      /^seal_refused/,
    ],
    'with a kid twice, the first of another alg': [
      { ...general, recipients: [{ ...recipient, header: { kid: first.kid, alg: 'A256KW' } }, recipient] },
      /^seal_refused/,
    ],
    'with an empty key': [change({ encrypted_key: '' }), /^seal_refused/],
    'without a key': [change({ encrypted_key: undefined }), /^seal_refused/],
    'with the key of another': [change({ encrypted_key: general.recipients![1]!.encrypted_key }), /^seal_refused/],
    'with zip for one': [change({ header: { ...recipient.header, zip: 'DEF' } }), /"zip", which is not spoken here/],
  }
  test.each(Object.keys(bodies))('%s', async name => {
    const [body, reason] = bodies[name]!
    expect(await refusal(body, sealOf([first]))).toMatch(reason)
  })

  test('of which one is false harm no other', async () => {
    const { input } = await sealOf([second]).openJob(job, change({ header: { kid: 7 }, encrypted_key: '' }))
    expect(input).toEqual({ secret })
  })

  test('with an empty key for the only one', async () => {
    expect(await refusal({ ...flat, encrypted_key: '' })).toMatch(/^seal_refused/)
    expect(await refusal({ ...flat, encrypted_key: undefined })).toMatch(/^seal_refused/)
  })
})

describe('a content that somebody with the public key made up', () => {
  const sealText = async (text: string | Uint8Array, header: object = { drover }): Promise<Sealed> => {
    const key = await joseCrypto.importKey(publicOf([first])[0]!, 'seal')
    const plain = typeof text === 'string' ? new TextEncoder().encode(text) : text
    return joseCrypto.encrypt(plain, { ...header }, [{ kid: String(first.kid), alg: 'ECDH-ES+A256KW', key }])
  }
  const key = { ...replyJwk }
  const contents: Readonly<Record<string, readonly [text: string | Uint8Array, reason: RegExp]>> = {
    'that is no JSON': [secret, /holds no JSON object/],
    'that is a text': [JSON.stringify(secret), /holds no JSON object/],
    'that is a list': [JSON.stringify([secret]), /holds no JSON object/],
    'that is null': ['null', /holds no JSON object/],
    'that is empty': ['', /holds no JSON object/],
    'not in UTF-8': [new Uint8Array([0xff, 0xfe]), /holds no JSON object/],
    'of 101 levels': [`{"input":${'['.repeat(100)}${']'.repeat(100)}}`, /nested more than 100 levels deep/],
    'of 100,000 levels': [`{"input":${'['.repeat(1e5)}`, /nested more than 100 levels deep/],
    'without a reply_key': [JSON.stringify({ input: secret }), /no reply_key in its seal/],
    'with a reply_key of null': [JSON.stringify({ input: secret, reply_key: null }), /no reply_key/],
    'with a reply_key that is a text': [JSON.stringify({ reply_key: secret }), /no reply_key/],
    'with a reply_key of 16 bytes': [JSON.stringify({ reply_key: { ...key, k: 'A'.repeat(22) } }), /no reply_key/],
    'with a reply_key of 33 bytes': [JSON.stringify({ reply_key: { ...key, k: 'A'.repeat(44) } }), /no reply_key/],
    'with a reply_key in another alphabet': [
      JSON.stringify({ reply_key: { ...key, k: '+'.repeat(43) } }),
      /no reply_key/,
    ],
    'with a reply_key of another alg': [JSON.stringify({ reply_key: { ...key, alg: 'dir' } }), /no reply_key/],
    'with a public key as reply_key': [JSON.stringify({ reply_key: publicOf([first])[0] }), /no reply_key/],
    'with a reply_key without a name': [JSON.stringify({ reply_key: { ...key, kid: '' } }), /no reply_key/],
    'with a reply_key of a long name': [
      JSON.stringify({ reply_key: { ...key, kid: 'k'.repeat(201) } }),
      /no reply_key/,
    ],
  }
  test.each(Object.keys(contents))('%s', async name => {
    const [text, reason] = contents[name]!
    const found = await refusal(await sealText(text))
    expect(found).toMatch(/^seal_refused: /)
    expect(found).toMatch(reason)
  })

  const times = [undefined, null, 'soon', Number.MAX_VALUE * 10, -1, 0, now - 300_000]
  test.each(times)('with the end %j', async expires_at => {
    const body = await sealText(JSON.stringify({ input: 1, reply_key: key }), { drover: { ...drover, expires_at } })
    expect(await refusal(body)).toMatch(/^seal_refused: This job was sealed to be over at /)
  })

  test('with an end that no calendar has', async () => {
    const later = { drover: { ...drover, expires_at: 1e300 } }
    expect((await worker.openJob(job, await sealText(JSON.stringify({ input: 1, reply_key: key }), later))).input).toBe(
      1,
    )
  })

  test('that says that it is signed, and is not', async () => {
    const signed = { drover, cty: 'JWS' }
    const none = `${encode({ alg: 'none', kid: pen.kid, drover })}.${encode({ input: secret, reply_key: key })}.`
    const seal = sealOf([first, ...publicOf([pen])])
    for (const text of [secret, JSON.stringify({ input: secret, reply_key: key }), '..', '', none]) {
      expect(await refusal(await sealText(text, signed), seal), text).toMatch(
        /^seal_refused: This body (says|is signed)/,
      )
    }
  })

  test('by a compressed JWE, which could be a bomb', async () => {
    const encrypt = new FlattenedEncrypt(new TextEncoder().encode('{}'))
    const header = { alg: 'A256KW', enc: 'A256GCM', kid: String(shared.kid), zip: 'DEF', drover } as const
    const zipped = await encrypt.setProtectedHeader(header).encrypt(await importJWK({ ...shared }, 'A256KW'))
    expect(await refusal(zipped)).toMatch(/"zip", which is not spoken here/)
  })
})

describe('a signature', () => {
  const master = sealOf([...publicOf([first]), pen], { sign: pen.kid })
  const strict = sealOf([first, ...publicOf([pen])], { signed: 'required' })

  test('stays on a job that a worker seals again, and on no other job', async () => {
    const opened = await strict.openJob(job, await master.sealJob(bound, { secret }, replyJwk))
    const again = await strict.sealAgain({ ...bound, attempt: 2 }, opened, [String(first.kid)])
    expect(await strict.openJob({ ...job, attempt: 2 }, again)).toMatchObject({ input: { secret }, replyJwk })
    expect(await refusal(again, strict)).toMatch(/attempt/)
    for (const changed of [{ task: 'other' }, { namespace: 'other' }]) {
      const moved = await strict.sealAgain({ ...bound, ...changed }, opened, [String(first.kid)])
      expect(await refusal(moved, strict, { ...job, ...changed })).toMatch(/^seal_refused/)
    }
  })

  test('covers when the job is over', async () => {
    const opened = await strict.openJob(job, await master.sealJob(bound, { secret }, replyJwk))
    const prolonged = await strict.sealAgain({ ...bound, expires_at: now + 1e9 }, opened, [String(first.kid)])
    expect(await refusal(prolonged, strict)).toMatch(/^seal_refused: .*expires_at/)
  })

  test('is missing where a worker seals again a job that nobody signed', async () => {
    const opened = await worker.openJob(job, await sealedFor(first))
    const again = await worker.sealAgain({ ...bound, attempt: 2 }, opened, [String(first.kid)])
    expect(await worker.openJob({ ...job, attempt: 2 }, again)).toMatchObject({ input: { secret } })
    expect(await refusal(again, strict, { ...job, attempt: 2 })).toMatch(/not signed/)
  })
})
