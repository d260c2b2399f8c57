import { expect, test } from 'vitest'
import { unique } from '../../support/brokers/shared.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'
import { type CurrentTestBed, runs } from '../test-bed.ts'

/** The way to the broker goes, or is refused. */
export function connection(testBed: CurrentTestBed): void {
  test('goes on with its run when the connection is cut, once, and its outcome comes', async () => {
    const { masterUrl, newGate, open, startWorker, cuttable } = testBed()
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
    const { masterUrl, over, startWorker, cuttable } = testBed()
    await using way = await cuttable()
    const { proxy } = way
    const own = { name: 'commit', ...(await way.access(unique('commit'))) }
    await using other = await scriptMaster(masterUrl, own.namespace, [])
    await using cutOff = await startWorker(own)
    // A WebSocket's client masks its frames; there the first RECEIPT of the transaction is as good a moment.
    const cut = over !== 'ws' ? proxy.cutOn('up', 'COMMIT') : proxy.cutOn('down', 'RECEIPT')
    const id = await other.send('w.add', { a: 3, b: 4 })
    await cut
    expect(await other.outcome(id)).toMatchObject({ type: 'result', output: 7 })
    expect(await runs(cutOff, `run w.add ${id}`)).toBe(1)
    const outcomes = other.of(id).filter(({ type }) => type === 'result')
    expect(new Set(outcomes.map(({ seq }) => seq)).size).toBe(1)
  })

  test('is refused with a clear error when its credentials are wrong', async () => {
    const { url, bridge, startWorker } = testBed()
    const wrong = new URL(url)
    wrong.password = 'wrong'
    const settings = bridge ? { token: 'wrong' } : { url: wrong.href }
    await expect(startWorker(settings)).rejects.toThrow(/not_authenticated|credentials/)
  })
}
