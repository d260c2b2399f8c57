/** A job whose pass does not fit, of a subscription where an ACK is also one of all before it. */
import { expect, test } from 'vitest'
import { encodeFrame, FrameScanner } from '../../../shared/frames/mod.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'
import { connected, startBroker } from './fake-broker.ts'

const queue = '/queue/myapp.tasks.a'

test.each(['ACK', 'NACK'])(
  'a job that its worker settled with an %s of a later job is not acknowledged again',
  async command => {
    const acknowledged: string[] = []
    let letter = ''
    const scanner = new FrameScanner()
    await using broker = await startBroker((text, link) => {
      scanner.read(new TextEncoder().encode(text), frame => {
        const of = (name: string): string => frame.header(name) ?? ''
        const receipt = (id: string): void => link.send(encodeFrame('RECEIPT', [['receipt-id', id]]))
        if (frame.command === 'CONNECT') link.send(connected)
        if (frame.command === 'SUBSCRIBE') {
          for (const [id, ...pass] of [['m1', ['drover-pass', 'made up'] as const], ['m2']] as const) {
            const headers = { subscription: 'w', 'message-id': id, ack: id, destination: queue, 'correlation-id': id }
            link.send(encodeFrame('MESSAGE', [...Object.entries(headers), ...pass], '{}'))
          }
        }
        if (frame.command === 'SEND') letter = of('receipt')
        if (frame.command.endsWith('ACK')) {
          acknowledged.push(of('id'))
          // The letter is on disk only now
          if (of('id') === 'm2') receipt(letter)
        }
        if (['BEGIN', 'COMMIT'].includes(frame.command)) receipt(of('receipt'))
        return undefined
      })
    })
    await using bridge = await startBridge({ broker: broker.url })
    await using worker = await connectRaw(bridge.url, { token: await tokenFor('rex', { work: ['a'] }) })
    worker.send(raw('SUBSCRIBE', ['id:w', `destination:${queue}`, 'ack:client']))
    expect((await worker.next('MESSAGE')).header('ack')).toBe('m2')
    worker.send(raw(command, ['id:m2']))
    // Once to have the letter's RECEIPT read, and once behind the bridge's own frame for it
    for (const frame of ['BEGIN', 'COMMIT']) {
      worker.send(raw(frame, ['transaction:t', 'receipt:r']))
      await worker.next('RECEIPT')
    }
    expect(letter, 'there was a letter').not.toBe('')
    expect(acknowledged, 'brokers end a session for an ACK that nothing waits for').toEqual(['m2'])
  },
)
