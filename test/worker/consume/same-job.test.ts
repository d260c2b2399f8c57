/** One job that several masters wait for, or that is handed out again with another pass. Promises 1 and 6. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mintToken } from '../../../bridge/tokens/mint.ts'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { type ScriptedMaster, scriptMaster } from '../../support/scripted-master.ts'
import { startBridgeProcess } from '../../support/system/bridge-process.ts'
import { until } from '../../support/until.ts'
import { startWorkerProcess } from '../process.ts'

const newFolder = async (stack: AsyncDisposableStack): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-same-job-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A master's own reply queue, and the types of the replies in it. */
async function replyQueue(master: ScriptedMaster, namespace: string, name: string) {
  const destination = `/queue/${namespace}.reply.foo.${name}`
  const types: string[] = []
  await master.stomp.subscribe({ destination }, incoming => {
    incoming.ack()
    types.push(JSON.parse(incoming.body).type)
  }).ready
  return { headers: { 'reply-to': destination }, types }
}

for (const broker of ['embedded', 'classic'] as const) {
  describe.skipIf(broker !== 'embedded' && readPrepared()[broker] !== undefined)(`on ${broker}`, () => {
    test.for([1, 2])(
      'each master that dispatches one request_id gets its outcome, with %d slots',
      async concurrency => {
        const { stompUrl } = await sharedBroker(broker)
        const namespace = unique('same')
        await using stack = new AsyncDisposableStack()
        const gate = join(await newFolder(stack), 'gate')
        const master = stack.use(await scriptMaster(stompUrl, namespace, []))
        const worker = stack.use(
          await startWorkerProcess('node', { url: stompUrl, namespace, name: 'one', concurrency }),
        )
        const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(name => replyQueue(master, namespace, name)))
        const id = await master.send('w.gated', { gate }, { headers: a!.headers })
        const body = { request_id: id }
        await master.send('w.gated', { gate }, { headers: b!.headers, body })
        await worker.line(`run w.gated ${id}`)
        if (concurrency > 1) {
          await until('the second master hears that it runs', () => b!.types.includes('accepted'))
          // The copy that waits beside the run holds no slot.
          expect(await master.outcome(await master.send('w.add', { a: 1, b: 1 }))).toMatchObject({ output: 2 })
          const other = await master.send('w.gated', { gate }, {})
          await worker.line(`run w.gated ${other}`)
        }
        await writeFile(gate, '')
        await until('both have the result', () => a!.types.includes('result') && b!.types.includes('result'))
        await master.send('w.gated', { gate }, { headers: c!.headers, body })
        await until('the third has the result', () => c!.types.includes('result'))
        expect(worker.lines(`run w.gated ${id}`)).toHaveLength(1)
        for (const { types } of [a!, b!, c!]) expect(types.filter(type => type === 'result')).toHaveLength(1)
      },
    )
  })
}

test('a cancel by one of two masters ends the run for both', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const namespace = unique('both')
  await using stack = new AsyncDisposableStack()
  const gate = join(await newFolder(stack), 'gate')
  const master = stack.use(await scriptMaster(stompUrl, namespace, []))
  stack.use(await startWorkerProcess('node', { url: stompUrl, namespace, name: 'one', concurrency: 2 }))
  const [a, b] = await Promise.all(['a', 'b'].map(name => replyQueue(master, namespace, name)))
  const request_id = await master.send('w.gated', { gate }, { headers: a!.headers })
  await master.send('w.gated', { gate }, { headers: b!.headers, body: { request_id } })
  await until('both hear that it runs', () => [a, b].every(one => one!.types.includes('accepted')))
  await master.control('w.gated', { type: 'cancel', request_id, reason: 'by one' })
  await until('both have it', () => [a, b].every(one => one!.types.includes('cancelled')))
})

test('a request_id gives no other sender, and no other task, the outcome of a job', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const namespace = unique('taken')
  await using stack = new AsyncDisposableStack()
  const gate = join(await newFolder(stack), 'gate')
  const master = stack.use(await scriptMaster(stompUrl, namespace, []))
  stack.use(await startWorkerProcess('node', { url: stompUrl, namespace, name: 'one', concurrency: 3 }))
  const thief = await replyQueue(master, namespace, 'thief')
  const from = (sender: string) => ({ 'drover-sender': sender })
  const id = await master.send('w.gated', { gate }, { headers: from('alice') })
  const body = { request_id: id }
  await until('it runs', () => master.of(id).length > 0)
  const steal = { headers: { ...thief.headers, ...from('mallory') }, body }
  await master.send('w.gated', { gate }, steal)
  await until('the first is refused', () => thief.types.length === 1)
  await writeFile(gate, '')
  expect(await master.outcome(id)).toMatchObject({ type: 'result' })
  await master.send('w.gated', { gate }, steal)
  await master.send('w.add', { a: 1, b: 1 }, { ...steal, headers: { ...thief.headers, ...from('alice') } })
  await until('all are refused', () => thief.types.length === 3)
  expect(thief.types).toEqual(['rejected', 'rejected', 'rejected'])
})

describe.each(['embedded', 'classic'] as const)('a bridge to %s that comes back with another secret', broker => {
  test.skipIf(broker !== 'embedded' && readPrepared()[broker] !== undefined)(
    'its busy worker answers with the pass of the newest delivery',
    async () => {
      const { stompUrl } = await sharedBroker(broker)
      const namespace = unique('secret')
      await using stack = new AsyncDisposableStack()
      const folder = await newFolder(stack)
      const [gate, tokenFile] = [join(folder, 'gate'), join(folder, 'token')]
      const bridge = stack.use(await startBridgeProcess(stompUrl))
      const newToken = async (): Promise<void> => {
        const grants = { ns: namespace, work: ['w.*'] }
        await writeFile(tokenFile, await mintToken({ secret: bridge.secret, sub: 'w', grants, expiresInMs: 600_000 }))
      }
      await newToken()
      const master = stack.use(await scriptMaster(stompUrl, namespace, []))
      const worker = stack.use(
        await startWorkerProcess('node', { url: bridge.url, namespace, name: 'busy', tokenFile, concurrency: 2 }),
      )
      const talks = await master.send('w.talks', { gate })
      const silent = await master.send('w.gated', { gate })
      await until('both run', () => [talks, silent].every(id => master.of(id).length > 0))
      const wasAt = worker.lines('event {"type":"connection","state":{"at":"open"').length
      // The worker reads the token as soon as the bridge is back.
      const isBack = bridge.restart(true)
      await newToken()
      await isBack
      await until('it is back', () => worker.lines('event {"type":"connection","state":{"at":"open"').length > wasAt)
      await until('progress comes with the new pass', () => {
        const seen = master.of(talks).length
        return until('more', () => master.of(talks).length > seen)
      })
      await writeFile(gate, '')
      expect(await master.outcome(talks)).toMatchObject({ type: 'result', output: 'said' })
      expect(await master.outcome(silent)).toMatchObject({ type: 'result', output: 0 })
      expect(worker.lines('run ')).toHaveLength(2)
      expect(await master.outcome(await master.send('w.add', { a: 1, b: 1 }))).toMatchObject({ output: 2 })
      expect(master.dead).toEqual([])
    },
  )
})
