/** The files of `drover keys`: their readers and their public part. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSeal, type Jwk } from 'drover/seal'
import { afterAll, expect, test } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { drover } from '../support/cli/program.ts'

const folder = await mkdtemp(join(tmpdir(), 'drover-keys-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)
const read = async (name: string): Promise<{ keys: Jwk[] }> => JSON.parse(await readFile(at(name), 'utf8'))
const keys = (...args: string[]) => drover(['keys', ...args], { cwd: folder })
const sealOf = (set: { keys: Jwk[] }) => createSeal({ keys: set }, { clock: systemClock, problem: () => {} })

test('a key is made for its owner alone, is given out without its private part, and rotates', async () => {
  const made = await keys('new', 'a.json')
  expect([made.code, made.stderr]).toEqual([0, ''])
  expect((await stat(at('a.json'))).mode & 0o777).toBe(0o600)
  const [old = {}] = (await read('a.json')).keys
  expect(made.stdout).toContain(`kid: ${old.kid}\n`)
  expect(made.stdout).toContain('drover keys show a.json --public --json\n')

  const { stdout: open } = await keys('show', 'a.json', '--public', '--json')
  const { d, ...open_ } = old
  expect(JSON.parse(open)).toEqual({ keys: [open_] })
  for (const args of [[], ['--json']]) {
    const { stdout, stderr } = await keys('show', 'a.json', ...args)
    expect(stdout + stderr, args.join()).not.toContain(String(d))
  }

  await chmod(at('a.json'), 0o640)
  await symlink('a.json', at('link.json'))
  const before = Math.ceil(Date.now() / 1000)
  const { code, stdout } = await keys('rotate', 'link.json', '--in', '2h')
  expect(code).toBe(0)
  const [was = {}, next = {}] = (await read('a.json')).keys
  expect(was).toEqual({ ...old, exp: next.nbf })
  expect(Number(next.nbf) - before).toBeGreaterThanOrEqual(7_200)
  expect(stdout).toContain(`${next.kid} opens from now on, and seals from `)
  expect((await stat(at('a.json'))).mode & 0o777).toBe(0o640)
  expect((await readdir(folder)).toSorted()).toEqual(['a.json', 'link.json'])

  const seal = sealOf(await read('a.json'))
  await seal.ready()
  expect([seal.recipients, seal.openers]).toEqual([[old.kid], [old.kid, next.kid]])
})

test('a file that is there is not overwritten, and a shared key has no public part', async () => {
  const { stdout } = await keys('new', 'shared.json', '--kind', 'shared')
  expect(stdout).toContain('It has no public part: masters and workers need this file')
  const made = await readFile(at('shared.json'), 'utf8')
  expect((await keys('new', 'shared.json')).stderr).toContain('shared.json is there already; name another file')
  expect(await readFile(at('shared.json'), 'utf8')).toBe(made)
  const { code, stderr } = await keys('show', 'shared.json', '--public', '--json')
  expect([code, stderr]).toEqual([2, expect.stringContaining('shared.json has no public part')])
})

test.for([
  ['"soon" is not a duration', 'rotate', 'a.json', '--in', 'soon'],
  ["argument 'rsa' is invalid. Allowed choices are x25519", 'new', '--kind', 'rsa'],
  ['Give one of --public and --private', 'show', 'a.json', '--public', '--private'],
  ['--private goes with --json', 'show', 'a.json', '--private'],
] as const)('%j is said', async ([sentence, ...args]) => {
  const { code, stdout, stderr } = await keys(...args)
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(sentence)])
})
