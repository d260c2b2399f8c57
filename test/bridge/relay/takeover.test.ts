/** A newer session of a master, before a broker that is slow to let go of the older one. */
import { expect, test } from 'vitest'
import { encodeFrame } from '../../../shared/frames/mod.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'
import { connected, startBroker } from './fake-broker.ts'

test('it reads nothing until the broker has let go, also with open receipts of the older one', async () => {
  const said: string[] = []
  await using broker = await startBroker((text, link) => {
    if (text.startsWith('CONNECT')) link.send(connected)
    if (text.includes('SUBSCRIBE\n')) said.push('SUBSCRIBE')
    for (const [, receipt] of text.matchAll(/^SUBSCRIBE\n(?:.+\n)*receipt:(.+)$/gm)) link.send(confirmed(receipt))
    const last = /^DISCONNECT\nreceipt:(.+)$/m.exec(text)?.[1]
    if (last === undefined) return
    link.send(confirmed('drover-bridge-last')) // of the SEND
    setTimeout(() => {
      said.push('let go')
      link.send(confirmed(last))
    }, 100)
  })
  await using bridge = await startBridge({ broker: broker.url })
  const token = await tokenFor('ada', { dispatch: ['a'] })
  const replies = ['id:r', 'destination:/queue/myapp.reply.ada.m', 'receipt:s']
  await using older = await connectRaw(bridge.url, { token })
  older.send(raw('SUBSCRIBE', replies))
  await older.next('RECEIPT')
  const job = [
    'destination:/queue/myapp.tasks.a',
    'reply-to:/queue/myapp.reply.ada.m',
    'correlation-id:c',
    'receipt:drover-bridge-last',
  ]
  older.send(raw('SEND', job, '{}'))
  await using newer = await connectRaw(bridge.url, { token })
  newer.send(raw('SUBSCRIBE', replies))
  await newer.next('RECEIPT')
  expect(said).toEqual(['SUBSCRIBE', 'let go', 'SUBSCRIBE'])
})

const confirmed = (receipt = ''): Uint8Array => encodeFrame('RECEIPT', [['receipt-id', receipt]])
