import { expect, test } from 'vitest'
import { noGrants } from '../../shared/contract/grants.ts'
import { TokenUses } from './token-uses.ts'

const start = 1_000_000
const tokenOf = (jti: string, owner = 'ada', notBefore: number | undefined = start) => ({
  subject: owner,
  owner,
  grants: noGrants,
  isConfiguredUser: false,
  token: { jti, issuedAt: 0, notBefore },
  expiresAt: start + 60_000,
  bounds: { uses: 2 },
})

test('a use is given back once, and a token without uses takes none', () => {
  const uses = new TokenUses(() => start)
  const giveBack = uses.take(tokenOf('a'))
  giveBack()
  giveBack()
  uses.take(tokenOf('a'))
  uses.take(tokenOf('a'))
  expect(() => uses.take(tokenOf('a'))).toThrow(/its 2 uses were taken/)
  const { bounds: _, ...unbounded } = tokenOf('b')
  for (let times = 0; times < 5; times++) uses.take(unbounded)
  expect(uses.size).toBe(1)
})

test('tokens are remembered until they end, and one owner takes no more room than half of all', () => {
  let now = start
  const uses = new TokenUses(() => now)
  const fill = () => {
    for (let at = 0; ; at++) uses.take(tokenOf(`${now} ${at}`))
  }
  expect(fill).toThrow(expect.objectContaining({ code: 'queue_full' }))
  const remembered = uses.size
  expect(remembered).toBe(50_000)
  uses.take(tokenOf('eve', 'eve'))
  now += 60_000 + 9_999
  expect(() => uses.take(tokenOf('more'))).toThrow(expect.objectContaining({ code: 'queue_full' }))
  now += 10_000
  uses.take(tokenOf('more'))
  expect(uses.size).toBe(1)
})

test('one that may have been used before this bridge started counts no longer', () => {
  const uses = new TokenUses(() => start)
  for (const notBefore of [start - 1, 0, undefined]) {
    const { token, ...identity } = tokenOf('a', 'ada')
    expect(() => uses.take({ ...identity, token: { ...token, notBefore } })).toThrow(/made before this bridge started/)
  }
})
