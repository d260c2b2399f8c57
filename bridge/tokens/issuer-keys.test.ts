/** When the keys of an identity provider are read, and which count while it is away. */
import { type CompactJWSHeaderParameters, exportJWK, type FlattenedJWSInput, generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { issuerKeys } from './issuer-keys.ts'

const jwk = async (kid: string) => ({ ...(await exportJWK((await generateKeyPair('ES256')).publicKey)), kid })
const [one, two] = await Promise.all([jwk('one'), jwk('two')])

/** A provider and a clock that a test moves. */
function provider() {
  const state = { keys: [one] as unknown[], isAway: false, asked: 0, at: 0, problems: [] as string[] }
  const keyOf = issuerKeys(
    { issuer: 'https://id.example', jwks: 'https://id.example/certs', audience: 'drover' },
    {
      clock: { now: () => state.at, steady: () => state.at, timer: () => () => {} },
      problem: message => void state.problems.push(message),
      fetch: async () => {
        state.asked++
        if (state.isAway) throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
        return Response.json({ keys: state.keys })
      },
    },
  )
  const find = async (kid: string): Promise<string> => {
    try {
      await keyOf({ alg: 'ES256', kid } as CompactJWSHeaderParameters, {} as FlattenedJWSInput)
      return 'found'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  return { state, find }
}

test('they are read once, and kept', async () => {
  const { state, find } = provider()
  expect(await Promise.all([find('one'), find('one')])).toEqual(['found', 'found'])
  expect(await find('one')).toBe('found')
  expect(state.asked).toBe(1)
})

test('an unknown kid has them read again, each ten seconds at most', async () => {
  const { state, find } = provider()
  await find('one')
  state.keys = [one, two]
  for (let tries = 0; tries < 100; tries++) expect(await find('two')).toBe('ERR_JWKS_NO_MATCHING_KEY')
  expect(state.asked).toBe(1)
  state.at = 10_000
  expect(await find('two')).toBe('found')
  for (let tries = 0; tries < 100; tries++) expect(await find('three')).toBe('ERR_JWKS_NO_MATCHING_KEY')
  expect(state.asked).toBe(2)
})

test('they stay while the provider is away, and a key that it withdrew goes after five minutes', async () => {
  const { state, find } = provider()
  await find('one')
  state.isAway = true
  state.at = 600_000
  expect(await find('one')).toBe('found')
  expect(await find('two')).toBe('ERR_JWKS_NO_MATCHING_KEY')
  expect(state.problems).toContain('The keys of https://id.example/certs stay as they were')
  state.isAway = false
  state.keys = [two]
  state.at = 1_200_000
  await find('one') // has them read in the background
  await expect.poll(() => find('one')).toBe('ERR_JWKS_NO_MATCHING_KEY')
  expect(await find('two')).toBe('found')
})

test('while they were never read, tokens are told to come later, and the provider is asked each second at most', async () => {
  const { state, find } = provider()
  state.isAway = true
  for (let tries = 0; tries < 100; tries++) expect(await find('one')).toBe('keys_unavailable')
  expect([state.asked, state.problems]).toEqual([1, ['No token of https://id.example can be proved']])
  state.isAway = false
  state.at = 1_000
  expect(await find('one')).toBe('found')
})

test.each<[string, unknown[]]>([
  ['no keys', []],
  ['over a hundred', Array.from({ length: 101 }, () => one)],
  ['something else', [5]],
])('a set of %s counts for nothing', async (_what, keys) => {
  const { state, find } = provider()
  state.keys = keys
  expect(await find('one')).toBe('keys_unavailable')
})
