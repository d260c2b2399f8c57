/** Blanks where STOMP has none, as other people's programs write them by hand. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { StompVersion } from '../shared/frames/mod.ts'
import { createEmbeddedBroker, type EmbeddedBroker } from './mod.ts'
import { openPeer, type Peer, textOf } from './testing.ts'

const input = async (file: string): Promise<string> =>
  (await readFile(new URL(`../test/cases/inputs/${file}`, import.meta.url), 'utf8')).replace(/\^@.*$/s, '\0')

const write = (peer: Peer, text: string): void => peer.link.send(new TextEncoder().encode(text))

async function silentPeer(broker: EmbeddedBroker, first: string): Promise<Peer> {
  const peer = await openPeer(broker, { isSilent: true })
  write(peer, first)
  return peer
}

test('1.0 trims names and values', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await silentPeer(broker, await input('C42-connect-blanks.frame'))
  expect((await peer.next()).header('version')).toBe('1.0')
  write(peer, 'SUBSCRIBE\n destination : /queue/myapp.x\t\nack: client \nreceipt: r \n\n\0')
  expect((await peer.next()).header('receipt-id')).toBe('r')
  write(peer, 'SEND\ndestination: /queue/myapp.x\n own : a b \n content-length : 3 \n\na\0b\0')
  const message = await peer.next()
  expect(message.headers()).toContainEqual(['own', 'a b'])
  expect(message.header('content-length')).toBe('3')
  expect(textOf(message)).toBe('a\0b')
  write(peer, `ACK\nmessage-id: ${message.header('message-id')}\nreceipt:done\n\n\0`)
  expect((await peer.next()).header('receipt-id')).toBe('done')
  write(peer, 'SEND\n :x\n\n\0')
  expect((await peer.error()).header('message')).toMatch(/no name before its colon/)
})

test('a blank between the two numbers of heart-beat is none', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await silentPeer(broker, await input('C42-heartbeat-blank.frame'))
  expect((await peer.next()).header('heart-beat')).toBe('10000,10000')
})

test.each(['1.1', '1.2'])('in %s a refused login with a blank is told of it', async version => {
  await using broker = createEmbeddedBroker()
  for (const lines of ['login: foo\npasscode:bar', 'login:foo\npasscode:bar ']) {
    const peer = await silentPeer(broker, `CONNECT\naccept-version:${version}\n${lines}\n\n\0`)
    const error = await peer.error()
    expect(error.header('drover-code')).toBe('not_authenticated')
    expect(error.header('message')).toMatch(/blank at an end of its login or passcode/)
  }
})

test.each<StompVersion>(['1.1', '1.2'])('in %s numbers and fixed words may have blanks, ids may not', async version => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker, { version })
  write(
    peer,
    'SUBSCRIBE\nid: s \nack: client-individual \nprefetch-count: 5\ndestination:/queue/myapp.x\nreceipt:r\n\n\0',
  )
  expect((await peer.next()).command).toBe('RECEIPT')
  write(peer, 'SEND\ndestination:/queue/myapp.x\npriority: 7\nexpires: 0 \ncontent-length: 2 \n\nhi\0')
  const message = await peer.next()
  expect(message.header('subscription')).toBe(' s ')
  expect(message.header('content-length')).toBe('2')
  write(peer, 'SEND\ndestination: /queue/myapp.x\n\nhi\0')
  expect((await peer.error()).header('message')).toMatch(/" \/queue\/myapp.x" is none/)
})

test('a priority that is none is refused with the values that are', async () => {
  await using broker = createEmbeddedBroker()
  const peer = await openPeer(broker)
  peer.send('SEND', { destination: '/queue/myapp.x', priority: '5.5' })
  expect((await peer.error()).header('message')).toMatch(/priority is "5.5"; expected was an integer from 0 to 9/)
})
