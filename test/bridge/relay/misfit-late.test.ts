/** Jobs that were on their way to a subscription as it ended. */
import { expect, test } from 'vitest'
import { encodeFrame, FrameScanner } from '../../../shared/frames/mod.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { bodyOf, connectRaw, raw } from '../../support/raw-session.ts'
import { connected, startBroker } from './fake-broker.ts'

const queue = '/queue/myapp.tasks.a'

test.each([
  ['client-individual', 'the broker hands it to another, whose bridge sends the letter', []],
  ['auto', 'nobody is handed it again', ['SEND']],
] as const)(
  '%s: a job whose pass does not fit is kept from who has ended its subscription',
  async (ack, why, letters) => {
    const said: string[] = []
    const scanner = new FrameScanner()
    await using broker = await startBroker((text, link) => {
      scanner.read(new TextEncoder().encode(text), frame => {
        said.push(frame.command)
        if (frame.command === 'CONNECT') link.send(connected)
        const receipt = frame.header('receipt')
        if (receipt !== undefined) link.send(encodeFrame('RECEIPT', [['receipt-id', receipt]]))
        if (frame.command !== 'UNSUBSCRIBE') return undefined
        for (const [id, pass] of [
          ['forged', [['drover-pass', 'made up']]],
          ['of a program', []],
        ] as const) {
          const headers = { subscription: 'w', 'message-id': id, ack: id, destination: queue, 'correlation-id': id }
          link.send(encodeFrame('MESSAGE', [...Object.entries(headers), ...pass], id))
        }
        return undefined
      })
    })
    await using bridge = await startBridge({ broker: broker.url })
    await using worker = await connectRaw(bridge.url, { token: await tokenFor('rex', { work: ['a'] }) })
    worker.send(raw('SUBSCRIBE', ['id:w', `destination:${queue}`, `ack:${ack}`]))
    worker.send(raw('UNSUBSCRIBE', ['id:w']))
    expect(bodyOf(await worker.next('MESSAGE'))).toBe('of a program')
    worker.send(raw('BEGIN', ['transaction:t', 'receipt:r']))
    await worker.next('RECEIPT')
    expect(said.slice(3), why).toEqual([...letters, 'BEGIN'])
    expect(bridge.events.filter(({ type }) => type === 'pass_misfit')).toHaveLength(1)
  },
)
