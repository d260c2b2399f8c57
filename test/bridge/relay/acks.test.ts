/**
 * ACK and NACK before the real brokers, with a subscription open. A message that waits for one is acknowledged as the
 * broker has it. Any other ACK is the program's own mistake, and is named as such on every broker.
 */
import { expect, test } from 'vitest'
import type { ScannedFrame } from '../../../shared/frames/mod.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { connectRaw, type RawSession, raw } from '../../support/raw-session.ts'
import { openTcpPeer, type TcpPeer } from '../tcp-peer.ts'

type Version = '1.0' | '1.1' | '1.2'

/** In these, `ACK 1 t` acknowledges the second message in transaction t; the last frame of each is refused. */
const refused: readonly { readonly ack: string; readonly frames: readonly string[]; readonly not?: Version }[] = [
  { ack: 'client-individual', frames: ['ACK nope'] },
  { ack: 'client', frames: ['NACK nope'], not: '1.0' },
  { ack: 'client', frames: ['BEGIN t', 'ACK 0 t', 'COMMIT t', 'ACK 0'] },
  { ack: 'client-individual', frames: ['ACK 1', 'ACK 0', 'ACK 1'] },
  { ack: 'client', frames: ['ACK 1', 'ACK 0'] },
  { ack: 'client-individual', frames: ['BEGIN t', 'ACK 0 t', 'ACK 0'] },
  { ack: 'auto', frames: ['ACK 0'] },
]

test.each(['classic', 'artemis', 'rabbitmq', 'embedded'] as const)(
  '%s: an ACK that nothing waits for is named',
  async name => {
    const { stompUrl } = await sharedBroker(name)
    await using bridge = await startBridge({ broker: stompUrl })
    await using plain = await openTcpPeer(stompUrl)
    for (const version of ['1.0', '1.1', '1.2'] as const) {
      for (const { ack, frames, not } of refused) {
        if (not === version) continue
        const what = `${version}, ${ack}: ${frames.join(', ')}`
        await using reader = await openReader(bridge.url, plain, version, ack)
        for (const frame of frames.slice(0, -1)) await reader.say(frame)
        await expect(reader.say(frames.at(-1)!), what).rejects.toThrow(/RECEIPT: A frame N?ACK names message "/)
        expect((await reader.closed()).code, what).toBe(4400)
      }
      await using reader = await openReader(bridge.url, plain, version, 'client')
      for (const frame of ['BEGIN t', 'ACK 1 t', 'ABORT t']) await reader.say(frame)
      if (name === 'artemis') {
        // It takes an ACK when it comes, and the end of its transaction changes nothing
        await expect(reader.say('ACK 0')).rejects.toThrow('acknowledged before')
        expect((await reader.closed()).code).toBe(4400)
      } else for (const frame of ['ACK 0', 'ACK 1']) await reader.say(frame)
    }
  },
)

test('1.0 is told in its own words', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const token = await tokenFor('rex', { work: ['a'] })
  for (const [headers, said] of [
    [['id:5'], /has no message-id, which STOMP 1\.0 needs/],
    [[], /has no message-id, which STOMP 1\.0 needs/],
    [['message-id:5'], /names message "5", which does not wait for one/],
    [['message-id:w,5'], /names message "5" of subscription "w", which does not wait for one/],
  ] as const) {
    await using session = await connectRaw(bridge.url, { token, version: '1.0' })
    session.send(raw('ACK', headers))
    expect((await session.next('ERROR')).header('message')).toMatch(said)
    expect((await session.closed()).code).toBe(4400)
  }
})

test('a NACK in a transaction is the mistake of the program where the broker takes none', async () => {
  const { stompUrl } = await sharedBroker('classic')
  await using bridge = await startBridge({ broker: stompUrl })
  await using plain = await openTcpPeer(stompUrl)
  for (const version of ['1.1', '1.2'] as const) {
    await using reader = await openReader(bridge.url, plain, version, 'client-individual')
    await reader.say('BEGIN t')
    await expect(reader.say('NACK 0 t')).rejects.toThrow(/takes no NACK in a transaction/)
    expect((await reader.closed()).code).toBe(4400)
  }
})

interface AckReader extends RawSession {
  /** Sends a frame and waits for its RECEIPT. */
  say(frame: string): Promise<void>
}

/** A session that was handed two messages. */
async function openReader(url: string, plain: TcpPeer, version: Version, ack: string): Promise<AckReader> {
  const task = unique('acks').slice('myapp.'.length)
  const destination = `/queue/myapp.tasks.${task}`
  await plain.sendAll(2, [['destination', destination]], new TextEncoder().encode('{}'))
  const session = await connectRaw(url, { token: await tokenFor('rex', { work: [task] }), version })
  session.send(raw('SUBSCRIBE', ['id:w', `destination:${destination}`, `ack:${ack}`]))
  const messages = [await session.next('MESSAGE'), await session.next('MESSAGE')]
  return Object.assign(session, {
    async say(frame: string): Promise<void> {
      const [command = '', subject = '', transaction] = frame.split(' ')
      const headers = command.endsWith('ACK') ? naming(messages[Number(subject)], version) : [`transaction:${subject}`]
      if (transaction !== undefined) headers.push(`transaction:${transaction}`)
      session.send(raw(command, [...headers, `receipt:${frame}`]))
      expect((await session.next('RECEIPT')).header('receipt-id')).toBe(frame)
    },
  })
}

/** The headers of an ACK: as they came, so that nothing is unescaped. */
function naming(message: ScannedFrame | undefined, version: Version): string[] {
  if (version === '1.2') return [`id:${message?.header('ack') ?? 'nope'}`]
  const id = message?.header('message-id') ?? (version === '1.0' ? 'w,nope' : 'nope')
  return version === '1.0' ? [`message-id:${id}`] : [`message-id:${id}`, 'subscription:w']
}
