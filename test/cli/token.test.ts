import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { drover } from '../support/cli/program.ts'

const env = { DROVER_SECRET: '0123456789abcdef0123456789abcdef' }

test('a minted token says who, which grants and how long', async () => {
  const grants = [
    '--dispatch',
    'image.*',
    'host.facts',
    '--broadcast',
    'host.facts',
    '--workers',
    '--namespace',
    'shop',
  ]
  const { code, stdout, stderr } = await drover(['token', '--sub', 'ada', '--expires', '15m', ...grants], { env })
  expect([code, stderr]).toEqual([0, ''])
  const { sub, iat = 0, exp = 0, drover: granted } = decodeJwt(stdout.trim())
  expect([sub, exp - iat]).toEqual(['ada', 900])
  expect(granted).toMatchObject({
    ns: 'shop',
    dispatch: ['image.*', 'host.facts'],
    broadcast: ['host.facts'],
    work: [],
  })
  expect(granted).toMatchObject({ workers: true, dead: false })
})

test.for([
  [{}, ['--sub', 'ada', '--work', '*'], 'DROVER_SECRET is not set'],
  [env, ['--work', '*'], 'Say whom the token is for by --sub'],
  [env, ['--sub', 'ada'], 'The token would allow nothing; add grants'],
  [env, ['--sub', 'ada', '--work', 'Bad'], 'The grants cannot be used: work.0'],
  [env, ['--sub', 'ada', '--work', '*', '--expires', 'soon'], '"soon" is not a duration'],
  [{ DROVER_SECRET: 'short' }, ['--sub', 'ada', '--work', '*'], 'secret'],
  [{}, ['--url', 'http://127.0.0.1:65'], 'Say who asks by --login'],
  [{}, ['--url', 'nowhere', '--login', 'foo'], '--url is "nowhere"; expected the bridge\'s address'],
] as const)('%j %j is called wrongly: exit code 2 and a sentence', async ([variables, args, sentence]) => {
  const { code, stdout, stderr } = await drover(['token', ...args], { env: variables })
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(sentence)])
})

test('a bridge that is not there is one sentence and exit code 1', async () => {
  const args = ['token', '--url', 'http://127.0.0.1:65', '--login', 'foo']
  const { code, stderr } = await drover(args, { env: { DROVER_PASSWORD: 'bar' } })
  expect([code, stderr]).toEqual([
    1,
    'drover: No bridge answers at http://127.0.0.1:65; is it running, and is the address right?\n',
  ])
})
