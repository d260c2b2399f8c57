/** A worker and a dispatch whose tokens are read again: they go on past the end of each. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mintToken } from '../../bridge/node.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { secret, startBridge } from '../support/bridges/bridges.ts'
import { drover, startDrover } from '../support/cli/program.ts'
import { until } from '../support/until.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-token-source-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const expOf = (token: string): number => (JSON.parse(atob(token.split('.')[1]!)) as { exp: number }).exp * 1000

test('a job outlives the tokens of its worker and of its master, and no log has any of them', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { heartBeatMs: 100 } })
  const file = join(folder, 'token')
  const given: string[] = []
  const write = async (): Promise<void> => {
    const token = await mintToken({ secret, sub: 'wk', grants: allGrants, expiresInMs: 4_000 })
    const next = `${file}.${given.push(token)}` // one write may begin before another has ended
    await writeFile(next, `${token}\n`)
    await rename(next, file)
  }
  await write()
  const timer = setInterval(() => void write(), 300)
  try {
    const UNTIL = join(folder, 'told')
    const module = 'test/cli/fixtures/until-told.ts'
    const env = { UNTIL, DROVER_TOKEN_FILE: file }
    await using worker = startDrover(['worker', module, '--name', 'w', '--url', bridge.url], { env })
    await worker.says(/takes .* from/)
    const job = ['dispatch', 'slow.wait', '--json', '--url', bridge.url, '--token-command', `cat '${file}'`]
    await using master = startDrover(job)
    await worker.says(/accepted/)
    const end = expOf(given.at(-1)!)
    await until('the tokens that both began with are over', () => Date.now() > end + 1_000)
    await writeFile(UNTIL, '')
    const ended = await master.ended
    expect([ended.code, ended.stderr]).toEqual([0, ''])
    expect(ended.stdout).toContain('told')
    worker.signal('SIGTERM')
    const { code, stdout, stderr } = await worker.ended
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.match(/connected to/g)).toHaveLength(1)
    expect(stdout.match(/accepted/g)).toHaveLength(1)
    const logs = stdout + ended.stdout + JSON.stringify(bridge.events)
    for (const token of given) expect(logs).not.toContain(token.split('.')[2])
  } finally {
    clearInterval(timer)
  }
})

test('a worker says why it has no new token, while its session goes on', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const file = join(folder, 'once')
  await writeFile(file, await mintToken({ secret, sub: 'wk', grants: allGrants, expiresInMs: 12_000 }))
  const module = 'test/cli/fixtures/until-told.ts'
  await using worker = startDrover(['worker', module, '--url', bridge.url, '--token-file', file])
  await worker.says(/takes .* from/)
  await rm(file)
  await worker.says(/no new token yet: --token-file: ".*" cannot be read \(ENOENT\)\. It is asked for again until/)
  worker.signal('SIGTERM')
  const { code, stdout } = await worker.ended
  expect([code, stdout.match(/connect/g)?.length]).toEqual([0, 1])
})

test('a source without a token is one sentence before anything is done', async () => {
  const none = join(folder, 'none')
  const worker = ['worker', 'examples/tasks/mod.ts', '--url', 'http://127.0.0.1:1']
  for (const command of [[...worker], ['dispatch', 'a.b', '--url', 'http://127.0.0.1:1']]) {
    const { code, stdout, stderr } = await drover([...command, '--token-file', none])
    expect([code, stdout, stderr]).toEqual([1, '', `drover: --token-file: "${none}" cannot be read (ENOENT)\n`])
  }
})
