/**
 * What a worker does on the wire, seen from the side of a master: one suite for real worker processes on Node and on
 * Deno, over TCP and over WebSocket. Promises 1, 3, 5 and 6.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mintToken } from '../../bridge/tokens/mint.ts'
import { sharedBroker, unique } from '../brokers/shared.ts'
import type { BrokerName } from '../brokers/start.ts'
import { type BridgeProcess, startBridgeProcess } from '../jobs/bridge-process.ts'
import { until } from '../jobs/until.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { Settings } from './fixtures/worker-main.ts'
import { type Runtime, startWorkerProcess, type WorkerProcess } from './process.ts'
import { type ScriptedMaster, scriptMaster } from './scripted-master.ts'

export interface WorkerSetUp {
  readonly runtime: Runtime
  readonly broker: BrokerName
  /** `bridge`: over WebSocket through a bridge, which speaks to the broker over TCP; masters go to the broker itself. */
  readonly over: 'tcp' | 'ws' | 'bridge'
}

const tasks = ['w.add', 'w.gated', 'w.deaf', 'w.flaky', 'w.patient', 'w.talks']

/** Registers the suite over one set-up. */
export function workerSuite({ runtime, broker, over }: WorkerSetUp): void {
  describe(`a ${runtime} worker on ${broker} over ${over}`, () => {
    let url: string
    let masterUrl: string
    let namespace: string
    let master: ScriptedMaster
    let worker: WorkerProcess
    let folder: string
    let bridge: BridgeProcess | undefined
    let gates = 0
    const newGate = (): string => join(folder, `gate-${++gates}`)
    const open = (gate: string): Promise<void> => writeFile(gate, '')
    const startWorker = async (settings: Partial<Settings> = {}): Promise<WorkerProcess> => {
      const all = { url, namespace, name: 'steady', stopGraceMs: 300, ...settings }
      if (bridge === undefined) return startWorkerProcess(runtime, all)
      const token = await workToken(bridge.secret, all.namespace)
      return startWorkerProcess(runtime, { token, ...all })
    }
    const accepted = (id: string): Promise<unknown> =>
      until(`${id} is accepted`, () => master.of(id).some(({ type }) => type === 'accepted'))

    /** A way to the broker that can be cut: before the worker, or, with a bridge, which checks its Host, behind that. */
    const cuttable = async () => {
      await using stack = new AsyncDisposableStack()
      const proxy = stack.use(await startFaultProxy(over === 'bridge' ? masterUrl : url))
      const behind = over === 'bridge' ? stack.use(await startBridgeProcess(proxy.through(masterUrl))) : undefined
      const kept = stack.move()
      return {
        proxy,
        async access(namespace: string) {
          if (behind === undefined) return { namespace, url: proxy.through(url) }
          return { namespace, url: behind.url, token: await workToken(behind.secret, namespace) }
        },
        [Symbol.asyncDispose]: () => kept.disposeAsync(),
      }
    }

    beforeAll(async () => {
      const { stompUrl, wsUrl } = await sharedBroker(broker)
      masterUrl = stompUrl
      bridge = over === 'bridge' ? await startBridgeProcess(stompUrl) : undefined
      url = bridge?.url ?? (over === 'tcp' ? stompUrl : wsUrl!)
      namespace = unique('worker')
      folder = await mkdtemp(join(tmpdir(), 'drover-worker-'))
      master = await scriptMaster(masterUrl, namespace, tasks)
      worker = await startWorker()
    })
    afterAll(async () => {
      await worker?.[Symbol.asyncDispose]()
      await master?.[Symbol.asyncDispose]()
      await bridge?.[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    })

    test('announces each task with its schema, and answers a ping', async () => {
      await master.control('w.add', { type: 'ping' })
      await until('it announces w.add', () =>
        master.presence.some(
          words => words.type === 'announce' && words.task === 'w.add' && words.input_schema !== undefined,
        ),
      )
      const announce = master.presence.find(words => words.type === 'announce')
      expect(announce).toMatchObject({ name: 'steady', concurrency: 1, runtime: expect.stringContaining(runtime) })
      const announces = (): number => master.presence.filter(({ type }) => type === 'announce').length
      const seen = announces()
      // At most once a second: until then a beat is the answer. Idle, it announces nothing unasked.
      await until('it announces again', async () => {
        await master.control('w.add', { type: 'ping' })
        return announces() > seen
      })
    })

    test('says accepted and then result, numbered from 0, and tells events without payloads', async () => {
      const id = await master.send('w.add', { a: 1, b: 2 }, { headers: { 'correlation-id': '', priority: '7' } })
      const outcome = await master.outcome(id)
      expect(outcome).toMatchObject({ type: 'result', output: 3, seq: 1, attempt: 1 })
      expect(outcome.headers['correlation-id']).toBe(id)
      expect(master.of(id).map(({ type, seq }) => [type, seq])).toEqual([
        ['accepted', 0],
        ['result', 1],
      ])
      await until('both events are there', () => master.events.filter(event => event.request_id === id).length === 2)
      expect(JSON.stringify(master.events)).not.toContain('output')
    })

    test('rejects with the paths of what is wrong: the input, a newer v, another id in the header', async () => {
      const input = await master.send('w.add', { a: 'x' })
      const newer = await master.send('w.add', {}, { body: { v: 2 } })
      const header = crypto.randomUUID()
      await master.send('w.add', {}, { headers: { 'correlation-id': header } })
      const paths = async (id: string): Promise<string[]> => {
        const outcome = await master.outcome(id)
        return outcome.type === 'rejected' ? outcome.issues.map(({ path }) => path) : [outcome.type]
      }
      expect([await paths(input), await paths(newer), await paths(header)]).toEqual([['a', 'b'], ['v'], ['request_id']])
    })

    test('buries what nobody can be told of, and what asks for an answer elsewhere', async () => {
      await master.sendRaw('w.add', 'no JSON')
      const id = await master.send('w.add', { a: 1, b: 1 }, { headers: { 'reply-to': '/queue/myapp.elsewhere' } })
      const isDead = (body: unknown): boolean => master.dead.some(letter => letter.body.body === body)
      await until('both are in dead', () => isDead('no JSON') && master.dead.some(({ body }) => body.request_id === id))
      expect(master.dead.find(({ body }) => body.request_id === id)?.body).toMatchObject({
        task: 'w.add',
        error: { message: expect.stringContaining('reply-to') },
      })
      expect(master.of(id)).toEqual([])
    })

    test('buries a job that is too deep, tells its master why, and goes on', async () => {
      for (const levels of [200, 5_000, 100_000]) {
        const id = crypto.randomUUID()
        const input = '['.repeat(levels) + ']'.repeat(levels)
        await master.sendRaw('w.flaky', `{"request_id":"${id}","task":"w.flaky","input":${input}}`)
        const issues = [{ message: expect.stringContaining('100 levels') }]
        expect(await master.outcome(id)).toMatchObject({ type: 'rejected', issues })
        await until('it is in dead', () => master.dead.some(({ body }) => body.request_id === id))
      }
      expect(await master.outcome(await master.send('w.add', { a: 1, b: 1 }))).toMatchObject({ output: 2 })
    })

    test('answers a job that ended here with the same outcome, seq included, and runs it once', async () => {
      const id = await master.send('w.add', { a: 2, b: 2 })
      await master.outcome(id)
      await master.send('w.add', { a: 2, b: 2 }, { body: { request_id: id } })
      const results = (): unknown[] => master.of(id).filter(({ type }) => type === 'result')
      await until('the outcome comes again', () => results().length === 2)
      const [first, second] = results().map(reply => ({ ...(reply as object), headers: undefined }))
      expect(second).toEqual(first)
      expect(await runs(worker, `run w.add ${id}`)).toBe(1)
    })

    test('starts no second run of a job that it runs already', async () => {
      const gate = newGate()
      const id = await master.send('w.gated', { gate }, { mode: 'topic' })
      await accepted(id)
      await master.send('w.gated', { gate }, { mode: 'topic', body: { request_id: id } })
      await open(gate)
      expect(await master.outcome(id)).toMatchObject({ type: 'result' })
      expect(await runs(worker, `run w.gated ${id}`)).toBe(1)
    })

    test('never runs a job whose cancel came before it, and ends by its signal one that runs', async () => {
      const before = crypto.randomUUID()
      await master.control('w.add', { type: 'cancel', request_id: before, reason: 'changed my mind' })
      await master.control('w.add', { type: 'ping' })
      await master.send('w.add', { a: 1, b: 1 }, { body: { request_id: before } })
      expect(await master.outcome(before)).toMatchObject({ type: 'cancelled', reason: 'changed my mind' })
      const running = await master.send('w.gated', { gate: newGate() })
      await accepted(running)
      await master.control('w.gated', { type: 'cancel', request_id: running })
      expect(await master.outcome(running)).toMatchObject({ type: 'cancelled' })
      await worker.line(`run w.gated ${running}`)
      expect(worker.lines(`run w.add ${before}`)).toEqual([])
    })

    test('ignores the cancel of a job by the control topic of another task', async () => {
      const gate = newGate()
      const id = await master.send('w.gated', { gate })
      await accepted(id)
      await master.control('w.add', { type: 'cancel', request_id: id })
      await open(gate)
      expect(await master.outcome(id)).toMatchObject({ type: 'result' })
    })

    test('reports a task that ignores its signal as cancelled, drops its late result, and lives on', async () => {
      const gate = newGate()
      const id = await master.send('w.deaf', { gate }, { body: { timeout_ms: 300 } })
      expect(await master.outcome(id)).toMatchObject({ type: 'cancelled', reason: 'timed out' })
      await open(gate)
      await worker.line(`late ${id}`)
      await master.outcome(await master.send('w.add', { a: 1, b: 1 }))
      expect(master.of(id).map(({ type }) => type)).toEqual(['accepted', 'cancelled'])
    })

    test('says of a job that it is past its time instead of running it', async () => {
      const expires = String(Date.now() + 60_000)
      const inTime = await master.send('w.add', { a: 1, b: 1 }, { headers: { expires } })
      expect(await master.outcome(inTime)).toMatchObject({ type: 'result' })
      const gate = newGate()
      const long = await master.send('w.gated', { gate })
      await accepted(long)
      // The one slot is taken, so its time passes while it waits for it.
      const late = await master.send('w.add', { a: 1, b: 1 }, { mode: 'topic', body: { timeout_ms: 10 } })
      expect(await master.outcome(late)).toMatchObject({ type: 'cancelled', reason: 'timed out', seq: 0 })
      await open(gate)
      await master.outcome(long)
      const last = await master.send('w.add', { a: 1, b: 1 })
      await master.outcome(last)
      expect(master.of(late)).toHaveLength(1)
      await worker.line(`run w.add ${last}`)
      expect(worker.lines(`run w.add ${late}`)).toEqual([])
    })

    test('makes no attempt that could only begin when the time of the job is over', async () => {
      // It would begin in 60 s.
      const id = await master.send('w.patient', {}, { body: { timeout_ms: 50_000 } })
      expect(await master.outcome(id)).toMatchObject({ type: 'error', attempt: 1 })
      expect(master.of(id).map(({ type }) => type)).toEqual(['accepted', 'error'])
    })

    test.for(['queue', 'topic'] as const)('tries a job by %s again, each attempt numbered anew', async mode => {
      const id = await master.send('w.flaky', {}, { mode })
      expect(await master.outcome(id)).toMatchObject({ type: 'result', attempt: 2, output: 2 })
      expect(master.of(id).map(({ type, attempt, seq }) => [type, attempt, seq])).toEqual([
        ['accepted', 1, 0],
        ['retrying', 1, 1],
        ['accepted', 2, 0],
        ['result', 2, 1],
      ])
    })

    test('sends progress at most every 100 ms, then the log line, the piece and the result, in order', async () => {
      const gate = newGate()
      const id = await master.send('w.talks', { gate })
      await until('three come', () => master.of(id).filter(({ type }) => type === 'progress').length >= 3)
      await open(gate)
      await master.outcome(id)
      const replies = master.of(id)
      const seqs = replies.map(({ seq }) => seq!)
      expect(seqs).toEqual(seqs.map((_, index) => index))
      expect(replies.slice(-3).map(({ type }) => type)).toEqual(['log', 'partial', 'result'])
      const times = replies.filter(({ type }) => type === 'progress').map(({ at }) => at!)
      // The last may be sooner: it is flushed before the log line.
      for (let i = 1; i < times.length - 1; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(95)
    })

    test('answers state: accepted and progress of what runs, the outcome of what ended', async () => {
      const gate = newGate()
      const id = await master.send('w.talks', { gate })
      await until('progress comes', () => master.of(id).some(({ type }) => type === 'progress'))
      await master.control('w.talks', { type: 'state', request_id: id })
      await until('it says accepted again', () => master.of(id).filter(({ type }) => type === 'accepted').length === 2)
      await open(gate)
      await master.outcome(id)
      await master.control('w.talks', { type: 'state', request_id: id })
      await until('the outcome comes again', () => master.of(id).filter(({ type }) => type === 'result').length === 2)
    })

    test('goes on with its run when the connection is cut, once, and its outcome comes', async () => {
      await using way = await cuttable()
      const { proxy } = way
      const own = { name: 'cut', ...(await way.access(unique('cut'))) }
      await using other = await scriptMaster(masterUrl, own.namespace, [])
      await using cutOff = await startWorker(own)
      const gate = newGate()
      const id = await other.send('w.talks', { gate })
      await until('it runs', () => other.of(id).some(({ type }) => type === 'progress'))
      proxy.cut()
      await until(
        'it is back',
        () => cutOff.lines('event {"type":"connection","state":{"at":"open"').length >= 1 && proxy.accepted >= 2,
      )
      await open(gate)
      expect(await other.outcome(id)).toMatchObject({ type: 'result', output: 'said' })
      expect(await runs(cutOff, `run w.talks ${id}`)).toBe(1)
      // The claim is settled too: nothing is left to be handed out.
      await other.outcome(await other.send('w.add', { a: 1, b: 1 }))
    })

    test('sends its outcome again when the connection goes while it is on its way', async () => {
      await using way = await cuttable()
      const { proxy } = way
      const own = { name: 'commit', ...(await way.access(unique('commit'))) }
      await using other = await scriptMaster(masterUrl, own.namespace, [])
      await using cutOff = await startWorker(own)
      // What a WebSocket's client sends is masked; there the first RECEIPT of the transaction is as good a moment.
      const cut = over !== 'ws' ? proxy.cutOn('up', 'COMMIT') : proxy.cutOn('down', 'RECEIPT')
      const id = await other.send('w.add', { a: 3, b: 4 })
      await cut
      expect(await other.outcome(id)).toMatchObject({ type: 'result', output: 7 })
      expect(await runs(cutOff, `run w.add ${id}`)).toBe(1)
      const outcomes = other.of(id).filter(({ type }) => type === 'result')
      expect(new Set(outcomes.map(({ seq }) => seq)).size).toBe(1)
    })

    test('publishes a job again that lost its worker, once more counted, and at its limit buries it', async () => {
      const own = { namespace: unique('lost') }
      await using other = await scriptMaster(masterUrl, own.namespace, [])
      const id = await other.send('w.gated', { gate: newGate() })
      for (const losses of [0, 1, 2]) {
        await using killed = await startWorker(own)
        await killed.line(`run w.gated ${id} 1 ${losses}`)
      }
      await using _last = await startWorker(own)
      expect(await other.outcome(id)).toMatchObject({ type: 'error', error: { code: 'job_dead', retryable: false } })
      await until('it is in dead', () =>
        other.dead.some(({ body }) => body.request_id === id && body.losses === 3 && body.alone === 1),
      )
    })

    test('gives a job of another task back while it runs one, so that somebody else takes it', async () => {
      const own = { namespace: unique('two') }
      await using other = await scriptMaster(masterUrl, own.namespace, [])
      await using busy = await startWorker(own)
      const gate = newGate()
      const long = await other.send('w.gated', { gate })
      await busy.line(`run w.gated ${long}`)
      await using free = await startWorker({ ...own, name: 'free' })
      const ids = await Promise.all([1, 2, 3, 4].map(a => other.send('w.add', { a, b: 0 })))
      for (const id of ids) expect(await other.outcome(id)).toMatchObject({ type: 'result' })
      await until('its log has all four', () => free.lines('run w.add').length === 4)
      expect(free.lines('run w.add').filter(line => !line.endsWith(' 1 0'))).toEqual([])
      await open(gate)
      await other.outcome(long)
    })

    test('drains on SIGTERM: what runs too long goes to another, and no loss; the worker says gone and ends with 0', async () => {
      const own = { namespace: unique('drain'), drainTimeoutMs: 100 }
      await using other = await scriptMaster(masterUrl, own.namespace, ['w.gated'])
      await using leaving = await startWorker(own)
      const gate = newGate()
      const id = await other.send('w.gated', { gate })
      await leaving.line(`run w.gated ${id}`)
      leaving.child.signal('SIGTERM')
      await leaving.child.ended
      expect(leaving.child.log()).toContain('closed')
      await until('it says gone', () => other.presence.at(-1)?.state === 'gone')
      await open(gate)
      await using _next = await startWorker(own)
      expect(await other.outcome(id)).toMatchObject({ type: 'result', output: 0 })
      expect(other.of(id).filter(({ type }) => type === 'requeued')).toHaveLength(1)
    })

    test('drains while its queue has one more: that goes to another without a loss', async () => {
      const own = { namespace: unique('leave') }
      await using other = await scriptMaster(masterUrl, own.namespace, ['w.gated'])
      await using leaving = await startWorker(own)
      const gate = newGate()
      const first = await other.send('w.gated', { gate })
      await leaving.line(`run w.gated ${first}`)
      const second = await other.send('w.gated', { gate })
      leaving.child.signal('SIGTERM')
      await until('it drains', () => other.presence.some(({ state }) => state === 'draining'))
      await open(gate)
      expect(await other.outcome(first)).toMatchObject({ type: 'result', output: 0 })
      await leaving.child.ended
      expect(leaving.child.log()).not.toContain('"type":"problem"')
      await using next = await startWorker(own)
      expect(await other.outcome(second)).toMatchObject({ type: 'result', output: 0 })
      await next.line(`run w.gated ${second} 1 0`)
    })

    test('is refused with a clear error when its credentials are wrong', async () => {
      const wrong = new URL(url)
      wrong.password = 'wrong'
      const settings = bridge ? { token: 'wrong' } : { url: wrong.href }
      await expect(startWorker(settings)).rejects.toThrow(/not_authenticated|credentials/)
    })
  })
}

/** A token that allows the tasks of the suite to be worked on, and nothing else. */
function workToken(secret: string, ns: string): Promise<string> {
  const none = { dispatch: [], broadcast: [], observe: [], workers: false, dead: false }
  return mintToken({ secret, sub: 'worker', grants: { ...none, ns, work: ['w.*'] }, expiresInMs: 600_000 })
}

/** How often such a run began: what a process writes may come later than what it sends. */
async function runs(worker: WorkerProcess, start: string): Promise<number> {
  await worker.line(start)
  return worker.lines(start).length
}
