/** Somebody who has Deno and neither Node nor npm: a checkout with nothing in it, and `deno task`. */
import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findDeno } from '../../cli/executables.ts'
import { jsonLines, Program } from '../support/cli/program.ts'
import { freePorts } from '../support/free-ports.ts'
import { isListening } from './alive.ts'

let base: string
let deno: string
let checkout: string
let env: Record<string, string>

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'drover-deno-')))
  const path = join(base, 'path')
  deno = join(path, 'deno')
  checkout = join(base, 'checkout')
  await mkdir(path)
  await symlink(findDeno() ?? '', deno)
  env = { PATH: path, NO_COLOR: '1' }
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    encoding: 'utf8',
  })
  for (const file of files.split('\0').filter(name => name !== '' && !name.startsWith('bench/'))) {
    await mkdir(dirname(join(checkout, file)), { recursive: true })
    await cp(file, join(checkout, file)).catch(() => {}) // deleted, which is not committed yet
  }
})
afterAll(() => rm(base, { recursive: true, force: true }))

const task = (args: readonly [string, ...string[]], more: Record<string, string> = {}) =>
  new Program([deno, 'task', ...args], { cwd: checkout, env: { ...env, ...more } })

test('deno task test runs tests of parts and of Deno processes, from an empty checkout', async () => {
  await using program = task(['test', 'shared/contract', 'bridge/deno', 'test/bridge/deno'])
  const { code, stdout, stderr } = await program.ended
  expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^ok \| \d+ passed \| 0 failed/m)
  expect(stdout).toMatch(/✓ .*bridge\/deno\/tcp\.test\.ts/)
  expect(stdout).toMatch(/Tests +\d+ passed \(\d+\)/)
}, 120_000)

test('deno task start has two workers under Deno, the page, and pictures', async () => {
  const [port = 0, stompPort = 0] = await freePorts(2)
  const ports = { PORT: `${port}`, STOMP_PORT: `${stompPort}` }
  await using program = task(['start'], ports)
  try {
    await program.says(/^ready /m, 60_000)
    expect(program.stdout).toMatch(/there is no Node here: both workers run under Deno/)
    for (const name of ['deno-1', 'deno-2'])
      expect(program.stdout).toMatch(new RegExp(`^${name} +takes host\\.facts`, 'm'))
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text()
    expect(page).toContain('<drover-app>')
    const input = '{"path":"pictures/dusk.jpg","width":160}'
    await using dispatch = task(['drover', 'dispatch', 'image.thumbnail', '--input', input], ports)
    const { code, stdout } = await dispatch.ended
    expect([code, jsonLines(stdout).at(-1)]).toMatchObject([0, { type: 'result', output: { width: 160, height: 100 } }])
  } finally {
    program.signal('SIGINT') // which `deno task` hands on; killed, it would leave its child
    await program.ended
  }
  expect([await isListening(port), await isListening(stompPort)]).toEqual([false, false])
}, 120_000)
