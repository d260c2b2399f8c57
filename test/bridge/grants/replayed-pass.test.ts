/** A pass that a worker brings once more, in every pair of versions: on another job, after its end, and twice. */
import { expect, test } from 'vitest'
import { createMac } from '../../../bridge/grants/mac.ts'
import { createPasses } from '../../../bridge/grants/passes.ts'
import type { ScannedFrame, StompVersion } from '../../../shared/frames/mod.ts'
import { secret, startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { bodyOf, connectRaw, type RawSession, raw } from '../../support/raw-session.ts'

const versions: readonly StompVersion[] = ['1.0', '1.1', '1.2']
const pairs = versions.flatMap(from => versions.map(to => ({ from, to })))
const mac = createMac(createMac(secret)('drover pass 2'))
const passes = createPasses({ mac, olderMac: mac, now: Date.now })

function acknowledge(session: RawSession, message: ScannedFrame): void {
  const id = message.header('ack')
  session.send(
    raw('ACK', id === undefined ? [`message-id:${message.header('message-id')}`, 'subscription:w'] : [`id:${id}`]),
  )
}

test.each(['embedded', 'classic'] as const)('%s: it answers its own job in time, and moves it once', async name => {
  const { stompUrl } = await sharedBroker(name)
  const ns = unique('replay')
  const [queue, other, replies, dead] = ['tasks.a', 'tasks.b', 'reply.ada.m', 'dead'].map(
    part => `/queue/${ns}.${part}`,
  ) as [string, string, string, string]
  const [ada, rex] = await Promise.all([tokenFor('ada', { ns, dispatch: ['*'] }), tokenFor('rex', { ns, work: ['*'] })])
  await using bridge = await startBridge({ broker: stompUrl })
  for (const { from, to } of pairs) {
    const pair = `${from} to ${to}`
    await using master = await connectRaw(bridge.url, { token: ada, version: from })
    /** A worker that is handed a job of its own, and goes. */
    const work = async (what: (worker: RawSession, pass: string) => Promise<void>) => {
      await using worker = await connectRaw(bridge.url, { token: rex, version: to })
      worker.send(raw('SUBSCRIBE', ['id:w', `destination:${queue}`, 'ack:client-individual', 'receipt:s']))
      await worker.next('RECEIPT')
      master.send(raw('SEND', [`destination:${queue}`, `reply-to:${replies}`, 'correlation-id:c'], pair))
      const message = await worker.next('MESSAGE')
      expect(bodyOf(message)).toBe(pair)
      acknowledge(worker, message)
      await what(worker, message.header('drover-pass') ?? '')
    }
    const send = (to: string, id: string, pass: string, ...more: string[]): string =>
      raw('SEND', [`destination:${to}`, `correlation-id:${id}`, `drover-pass:${pass}`, ...more], pair)
    const refused = async (worker: RawSession, frame: string, why: RegExp): Promise<void> => {
      worker.send(frame)
      const error = await worker.next('ERROR')
      expect([error.header('drover-code'), error.header('message')], `${pair}: ${why}`).toEqual([
        'forbidden',
        expect.stringMatching(why),
      ])
    }
    await work((worker, pass) => refused(worker, send(replies, 'd', pass), /of another job/))
    await work((worker, pass) => refused(worker, send(replies, '', pass), /of another job/))
    await work((worker, pass) => refused(worker, send(replies.replace('.ada.', '.eve.'), 'c', pass), /not covered/))
    await work(worker => {
      const late = passes.write({ destination: queue, replyTo: replies, sender: 'ada' }, 'c', Date.now() - 1)
      return refused(worker, send(replies, 'c', late), /ended at 20/)
    })
    await work(async (worker, pass) => {
      // Any number of replies, and nothing that is not acknowledged to be sent on
      worker.send(send(replies, 'c', pass))
      worker.send(send(replies, 'c', pass, 'receipt:r'))
      await worker.next('RECEIPT')
      await refused(worker, send(queue, 'c', pass), /does not wait for an ACK/)
    })
    // An unacknowledged job goes on once, to any address; it stays, and is handed to the next as well
    await using mover = await connectRaw(bridge.url, { token: rex, version: to })
    mover.send(raw('SUBSCRIBE', ['id:w', `destination:${other}`, 'ack:client-individual', 'receipt:s']))
    await mover.next('RECEIPT')
    master.send(raw('SEND', [`destination:${other}`, `reply-to:${replies}`, 'correlation-id:c'], pair))
    const pass = (await mover.next('MESSAGE')).header('drover-pass') ?? ''
    mover.send(raw('BEGIN', ['transaction:t']))
    mover.send(send(dead, 'c', pass, 'transaction:t'))
    await refused(mover, send(other, 'c', pass), /was sent on already/)
  }
  await using reader = await connectRaw(bridge.url, { token: ada })
  reader.send(raw('SUBSCRIBE', ['id:w', `destination:${replies}`, 'ack:auto', 'receipt:s']))
  for (const { from, to } of pairs)
    for (const _ of ['once', 'twice']) expect(bodyOf(await reader.next('MESSAGE'))).toBe(`${from} to ${to}`)
  expect(bridge.events.filter(({ type }) => type === 'refused')).toHaveLength(pairs.length * 6)
})
