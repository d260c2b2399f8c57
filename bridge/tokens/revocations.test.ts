import { expect, test } from 'vitest'
import { allGrants } from '../../shared/contract/grants.ts'
import type { Identity } from '../identity.ts'
import { Revocations } from './revocations.ts'

const identity = (jti: string | undefined, issuedAt: number | undefined): Identity => ({
  subject: 'ada',
  owner: 'ada',
  grants: allGrants,
  isConfiguredUser: false,
  token: { jti, issuedAt },
})

const full = expect.objectContaining({ code: 'queue_full' })

test('the list is bounded: those past their end make room, and then it says that it is full', async () => {
  let now = 1_000
  const revocations = new Revocations(undefined, () => now)
  for (let n = 0; n < 10_000; n++) await revocations.revoke({ jti: `t${n}`, until: 2_000 })
  expect(() => revocations.revoke({ jti: 'one more' })).toThrow(full)
  await revocations.revoke({ jti: 't0', until: 2_000 })
  expect(revocations.isRevoked(identity('t7', 5))).toBe(true)
  // For so long an identity provider's token may be taken past its end
  now = 602_000
  expect(() => revocations.revoke({ jti: 'one more' })).toThrow(full)
  expect(revocations.isRevoked(identity('t7', 5))).toBe(true)
  now = 612_001
  await revocations.revoke({ jti: 'one more' })
  expect(['t7', 'one more', undefined].map(jti => revocations.isRevoked(identity(jti, 5)))).toEqual([
    false,
    true,
    false,
  ])
})

test('an instant for everybody makes room for owners, whose own counts no more', async () => {
  const revocations = new Revocations(undefined, () => 0)
  for (let n = 0; n < 10_000; n++) await revocations.revoke({ owner: `o${n}`, before: 10 + n })
  expect(() => revocations.revoke({ owner: 'ada', before: 20_000 })).toThrow(full)
  await revocations.revoke({ before: 100 })
  await revocations.revoke({ owner: 'ada', before: 20_000 })
  expect(revocations.isRevoked({ ...identity('j', 10_008), owner: 'o9999' })).toBe(true)
  expect([99, 100].map(at => revocations.isRevoked({ ...identity('j', at), owner: 'o90' }))).toEqual([true, false])
  expect(revocations.isRevoked(identity('j', 19_999))).toBe(true)
})

test('a token that does not say when it was issued may be as old as any, and no instant goes back', async () => {
  const revocations = new Revocations(undefined, () => 0)
  await revocations.revoke({ before: 100 })
  await revocations.revoke({ before: 50 })
  expect([undefined, 99, 100].map(at => revocations.isRevoked(identity('j', at)))).toEqual([true, true, false])
})

test('a token with an end takes the place of the same one without, and leaves the list then', async () => {
  let now = 1_000
  const revocations = new Revocations(undefined, () => now)
  for (let n = 0; n < 10_000; n++) await revocations.revoke({ jti: `t${n}` })
  now = 1e15
  expect(() => revocations.revoke({ jti: 'one more' })).toThrow(full)
  await revocations.revoke({ jti: 't7', until: 2_000 })
  await revocations.revoke({ jti: 'one more' })
  expect(['t7', 't8', 'one more'].map(jti => revocations.isRevoked(identity(jti, 5)))).toEqual([false, true, true])
})

test('whatever a minter calls a token, it is on the list after a restart', async () => {
  const jtis = ['__proto__', 'constructor', 'toString', '7', ' ', 'ü', '\ud800', 'a.b', 'a'.repeat(500)]
  const written: string[] = []
  const file = {
    text: undefined,
    async write(text: string) {
      written.push(text)
    },
  }
  const revocations = new Revocations(file, () => 0)
  for (const jti of jtis) await revocations.revoke({ jti })
  const again = new Revocations({ ...file, text: written.at(-1) }, () => 0)
  for (const one of [revocations, again]) expect(jtis.filter(jti => !one.isRevoked(identity(jti, 5)))).toEqual([])
})

test('lists are written one after the other, the newest last, also after one that failed', async () => {
  const written: string[] = []
  const file = {
    text: undefined,
    async write(text: string) {
      if (written.push(text) === 1) throw new Error('no space left')
    },
  }
  const revocations = new Revocations(file, () => 0)
  const [first, second] = [revocations.revoke({ jti: 'a' }), revocations.revoke({ owner: 'ada', before: 7 })]
  await expect(first).rejects.toMatchObject({ code: 'store_failed' })
  await second
  const again = new Revocations({ text: written.at(-1), write: file.write }, () => 0)
  expect([identity('a', 9), identity('b', 6), identity('b', 7)].map(one => again.isRevoked(one))).toEqual([
    true,
    true,
    false,
  ])
})
