import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type CurrentTestBed, runs } from '../test-bed.ts'

/** Its replies about a job, or about a body that is none. */
export function answers(testBed: CurrentTestBed): void {
  test('announces each task with its schema, and answers a ping', async () => {
    const { runtime, master } = testBed()
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
    const { master } = testBed()
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

  test('rejects with the paths of the faults: the input, a newer v, another id in the header', async () => {
    const { master } = testBed()
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

  test('buries a job that nobody can be told of, and one that asks for an answer elsewhere', async () => {
    const { master } = testBed()
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
    const { master } = testBed()
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
    const { master, worker } = testBed()
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
    const { master, worker, newGate, open, accepted } = testBed()
    const gate = newGate()
    const id = await master.send('w.gated', { gate }, { mode: 'topic' })
    await accepted(id)
    await master.send('w.gated', { gate }, { mode: 'topic', body: { request_id: id } })
    await open(gate)
    expect(await master.outcome(id)).toMatchObject({ type: 'result' })
    expect(await runs(worker, `run w.gated ${id}`)).toBe(1)
  })
}
