/** Tasks that run in threads and processes of their own, by real workers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type IsolatedBed, isolatedBed } from './isolated-bed.ts'

const kinds = ['thread', 'process'] as const

describe.for(['node', 'deno'] as const)('a %s worker', runtime => {
  let bed: IsolatedBed
  beforeAll(async () => {
    bed = await isolatedBed(runtime)
  })
  afterAll(() => bed[Symbol.asyncDispose]())

  test.for(kinds)('runs a task in a %s with all that a run has', async kind => {
    const { master, send } = bed
    const task = `i.${kind}`
    const id = await send(task, 'facts')
    const output = { attempt: 1, losses: 0, task, request_id: id }
    expect(await master.outcome(id)).toMatchObject({ type: 'result', output })
    const at = '1970-01-01T00:00:00.000Z'
    expect(master.of(id)).toMatchObject([
      { type: 'accepted', seq: 0 },
      { type: 'progress', percent: 50, message: 'half', data: { at } },
      { type: 'log', level: 'warn', message: 'watch out' },
      { type: 'partial', data: [at] },
      { type: 'result', seq: 4 },
    ])
  })

  test.for(kinds)('uses a %s again that no run broke', async kind => {
    const { run } = bed
    const first = await run(`i.${kind}`, 'where')
    const second = await run(`i.${kind}`, 'where')
    expect([first, second].map(end => end.type === 'result' && end.output)).toEqual([
      { pid: expect.any(Number), runs: 1 },
      { pid: expect.any(Number), runs: 2 },
    ])
  })

  test('beats and runs others while the code of its children computes without a pause', async () => {
    const { master, run, send } = bed
    const blocking = await Promise.all(kinds.map(kind => send(`i.${kind}`, 'block and tell', { ms: 1_500 })))
    const progressOf = (id: string) => master.of(id).filter(({ type }) => type === 'progress').length
    await until('both tell', () => blocking.every(id => progressOf(id) > 0))
    const before = master.presence.length
    const startedAt = performance.now()
    for (let jobs = 0; jobs < 5; jobs++) expect(await run('i.here', 'echo')).toMatchObject({ type: 'result' })
    const tookMs = performance.now() - startedAt
    for (const id of blocking) {
      expect(await master.outcome(id)).toMatchObject({ type: 'result' })
      expect(progressOf(id)).toBeGreaterThan(4)
    }
    expect(master.presence.slice(before).filter(({ type }) => type === 'beat').length).toBeGreaterThan(3)
    expect(tookMs).toBeLessThan(1_200)
  })

  test.for(kinds)('tells a run in a %s to stop within 100 ms, also while it computes', async kind => {
    const { master, worker, send } = bed
    for (const [what, word] of [
      ['listen', 'heard'],
      ['block and look', 'aborted'],
    ] as const) {
      const id = await send(`i.${kind}`, what, { ms: 20_000 })
      await worker.line(`begun ${id}`)
      const told = worker.lines(word).length
      const at = Date.now()
      await master.control(`i.${kind}`, { type: 'cancel', request_id: id, reason: 'enough' })
      expect(await master.outcome(id)).toMatchObject({ type: 'cancelled', reason: 'enough' })
      const line = await until('it was told', () => worker.lines(word)[told])
      expect(Number(line.split(' ')[1]) - at).toBeLessThan(100)
    }
  })

  test.for(kinds)(
    'ends the %s of a run that heeds no signal once its time is over, and its slot is free',
    async kind => {
      const { master, worker, run, send } = bed
      const ids = [0, 1].map(() => send(`i.${kind}`, 'never heeds', {}, { timeout_ms: 400 }))
      for (const id of await Promise.all(ids)) {
        expect(await master.outcome(id)).toMatchObject({ type: 'cancelled', reason: 'timed out' })
      }
      expect(await run(`i.${kind}`, 'echo', { text: 'next' })).toMatchObject({ output: 'next' })
      expect(worker.child.log()).not.toContain('does not heed')
    },
  )

  test('goes on though the code of a process ends it in any way; each is a failed run', async () => {
    const { master, worker, run, send, typesOf } = bed
    const neighbour = await send('i.thread', 'block', { ms: 3_000 })
    for (const [task, what, how] of [
      ['i.thread', 'exit', /^The thread of task "i.thread" ended in the run: exit code 7$/],
      ['i.process', 'exit', /exit code 7/],
      ['i.small', 'kill', /ended by SIGKILL/],
      ['i.small', 'abort', /ended by SIGABRT|exit code 1/],
      ['i.small', 'memory', /ended by SIG|exit code/],
    ] as const) {
      const id = await send(task, what)
      const error = { code: 'isolate_died', retryable: true, message: expect.stringMatching(how) }
      expect(await master.outcome(id), what).toMatchObject({ type: 'error', error })
      if (task !== 'i.process') continue
      expect(typesOf(id)).toEqual(['accepted', 'retrying', 'accepted', 'error'])
      const letter = await until('it is dead', () => master.dead.find(({ body }) => body.request_id === id))
      expect(letter.body).toMatchObject({ attempt: 2, error })
      expect(letter.body.losses ?? 0).toBe(0)
    }
    expect(await master.outcome(neighbour)).toMatchObject({ type: 'result', attempt: 1 })
    expect(await run('i.here', 'echo')).toMatchObject({ type: 'result' })
    expect(worker.child.isRunning).toBe(true)
  })

  test.for(kinds)('quotes no secret of an error in a %s, and does not use that again', async kind => {
    const { worker, run } = bed
    const task = `i.${kind}`
    const password = 'hunter2hunter2'
    const error = { message: 'no login with ••••••' }
    expect(await run(task, 'throw', { password })).toMatchObject({ type: 'error', error })
    await run(task, 'where')
    expect(await run(task, 'throw later', { password: 'nothing' })).toMatchObject({ output: 'lived' })
    await worker.line('event {"type":"problem","message":"Nobody waits for this error: nobody waits for nothing')
    expect(await run(task, 'where')).toMatchObject({ output: { runs: 1 } })
  })

  test.for(kinds)('carries large inputs, outputs and partials of a %s, and refuses what is too large', async kind => {
    const { master, run, send } = bed
    const task = `i.${kind}`
    const text = 'é'.repeat(400_000)
    expect(await run(task, 'echo', { text })).toMatchObject({ output: text })
    const id = await send(task, 'pieces', { text: text.slice(0, 100_000) })
    expect(await master.outcome(id)).toMatchObject({ output: 'all' })
    const pieces = master.of(id).flatMap(one => (one.type === 'partial' ? (one.data as { piece: number }).piece : []))
    expect(pieces).toEqual(Array.from({ length: 20 }, (_, at) => at))
    const error = { code: 'output_too_large' }
    expect(await run(task, 'too large', { text: 'x'.repeat(2_000_000) })).toMatchObject({ type: 'error', error })
  })
})
