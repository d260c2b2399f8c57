/** `drover queues`, `drover pause` and `drover resume`, as an operator types them. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBridge, type TestBridge, tokenFor } from '../support/bridges/bridges.ts'
import { drover, jsonLines, startDrover } from '../support/cli/program.ts'
import { connectRaw, raw } from '../support/raw-session.ts'

let bridge: TestBridge
beforeAll(async () => {
  bridge = await startBridge({ broker: 'embedded' })
})
afterAll(() => bridge[Symbol.asyncDispose]())

const queue = 'myapp.tasks.host.facts'
const asFoo = () => ['--url', bridge.url.replace('://', '://foo:bar@')]

async function dispatch(...ids: readonly string[]): Promise<void> {
  await using master = await connectRaw(bridge.url, { token: await tokenFor('ada', { dispatch: ['*'] }) })
  for (const id of ids) {
    const headers = [`destination:/queue/${queue}`, `correlation-id:${id}`, 'reply-to:/queue/myapp.reply.ada.m']
    master.send(raw('SEND', [...headers, 'receipt:r'], '{}'))
    await master.next('RECEIPT')
  }
}

test('queues are shown, one is moved and purged, each with a look before', async () => {
  await dispatch('job-1', 'job-2', 'job-3')
  const [shown, json] = await Promise.all([drover(['queues', ...asFoo()]), drover(['queues', '--json', ...asFoo()])])
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringMatching(/^QUEUE +WAITING .*OLDEST\n/)])
  expect(shown.stdout).toMatch(/myapp\.tasks\.host\.facts +3 +0 +0 +\d+ +0 +[\d.]+ m?s\nMessages are in memory only/)
  expect(JSON.parse(json.stdout)).toMatchObject({ broker: 'embedded', queues: [{ name: queue, waiting: 3 }] })

  const preview = await drover(['queues', 'move', queue, 'myapp.parked', '--limit', '2', ...asFoo()])
  expect([preview.code, preview.stderr]).toEqual([0, ''])
  expect(preview.stdout).toMatch(/job-1 +ada .*job-2 +ada /s)
  expect(preview.stdout).not.toContain('job-3')
  expect(preview.stdout).toContain(
    `2 messages moved from ${queue} to myapp.parked. That queue is not there yet, and is made. Add --yes`,
  )
  const moved = await drover(['queues', 'move', queue, 'myapp.parked', '--limit', '2', '--yes', ...asFoo()])
  expect(moved.stdout).toBe(`2 messages moved from ${queue} to myapp.parked; 1 left there, those in hand included\n`)

  const look = await drover(['queues', 'purge', queue, ...asFoo()])
  expect(look.stdout).toContain(`1 message taken out of ${queue}. Add --yes to do it.`)
  const purged = await drover(['queues', 'purge', queue, '--yes', '--json', ...asFoo()])
  expect(JSON.parse(purged.stdout)).toEqual({ messages: 1, left: 0 })
})

test('a request that cannot be is one sentence, with an exit code', async () => {
  const narrow = ['--url', bridge.url, '--token', await tokenFor('op', { operate: ['image.*'] })]
  await using older = Object.assign(createServer((_, response) => void response.writeHead(404).end('{}')).listen(0), {})
  await once(older, 'listening')
  const olderUrl = `http://foo:bar@127.0.0.1:${(older.address() as AddressInfo).port}`
  await using other = Object.assign(createServer((_, response) => void response.end('<h1>hello</h1>')).listen(0), {})
  await once(other, 'listening')
  const otherUrl = `http://foo:bar@127.0.0.1:${(other.address() as AddressInfo).port}`
  const cases = [
    [['queues', '--url', otherUrl], 1, 'answers as no bridge does'],
    [['queues', 'purge', queue, '--yes', '--url', otherUrl], 1, 'answers as no bridge does'],
    [['queues', 'purge', queue, '--yes', ...narrow], 1, 'is not one that this sign-in may operate'],
    [['queues', 'move', queue, 'myapp.tasks.other', ...asFoo()], 1, 'workers of other cannot run'],
    [['queues', '--url', olderUrl], 1, 'upgrade one that is older'],
    [['queues', '--url', 'http://127.0.0.1:9'], 1, 'No bridge answers at http://127.0.0.1:9'],
    [['queues', '--url', bridge.stompUrl!], 2, 'looked into by the bridge with the embedded broker'],
    [['pause', 'image.none', ...asFoo()], 6, 'No worker of image.none is there to pause'],
    [['pause', 'host.facts', ...narrow], 1, 'may not pause host.facts'],
  ] as const
  const answers = await Promise.all(cases.map(([args]) => drover([...args])))
  for (const [at, [args, code, sentence]] of cases.entries())
    expect([answers[at]!.code, answers[at]!.stderr], args.join(' ')).toEqual([code, expect.stringContaining(sentence)])
})

test('a worker is paused by name, leaves its jobs in the queue, and takes them once it is resumed', async () => {
  const token = await tokenFor('wk', { work: ['*'] })
  await using worker = startDrover(
    ['worker', 'examples/tasks/mod.ts', '--name', 'box', '--json', '--url', bridge.url],
    { env: { DROVER_TOKEN: token } },
  )
  await worker.says(/"event":"ready"/)
  const operator = ['--url', bridge.url, '--token', await tokenFor('op', { operate: ['host.*'] })]
  const paused = await drover(['pause', 'host.facts', '--worker', 'box', ...operator])
  expect([paused.code, paused.stdout]).toEqual([0, 'box is paused for host.facts\n'])
  expect(jsonLines(worker.stdout).find(({ event }) => event === 'paused')).toMatchObject({
    task: 'host.facts',
    by: 'op',
  })
  const job = drover(['dispatch', 'host.facts', '--json', ...asFoo()])
  const waits = async (): Promise<number> => {
    const headers = { authorization: `Basic ${btoa('foo:bar')}` }
    const response = await fetch(`${bridge.url}/broker`, { headers })
    const { queues } = (await response.json()) as { queues: { name: string; waiting: number }[] }
    return queues.find(({ name }) => name === queue)?.waiting ?? 0
  }
  await expect.poll(waits, { timeout: 20_000 }).toBe(1)
  const resumed = await drover(['resume', 'host.facts', '--json', ...operator])
  expect(JSON.parse(resumed.stdout)).toEqual({ task: 'host.facts', type: 'resume', workers: ['box'], silent: [] })
  expect((await job).code).toBe(0)
  worker.signal('SIGTERM')
  expect(await worker.ended).toMatchObject({ code: 0 })
})
