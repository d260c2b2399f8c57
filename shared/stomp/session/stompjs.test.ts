/** Where stompjs reads wrong: the right reading, and how much is done for a large frame. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RecordedClient, type RecordedOptions } from '../../../test/support/recorded-client.ts'
import * as mended from './stompjs.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const plainOptions = { isOpen: true, canTerminate: false }

/** Connected in 1.2, with a subscription. */
async function connect(options: Partial<RecordedOptions> = {}): Promise<RecordedClient> {
  const client = new RecordedClient(mended, { ...plainOptions, ...options })
  await client.started()
  client.say('CONNECTED\nversion:1.2\nheart-beat:100,100\n\n\0')
  client.subscribe('/queue/a', { id: 's-1' })
  client.log.length = 0
  return client
}

const message = (line: string, body = ''): string => `MESSAGE\nsubscription:s-1\n${line}\n\n${body}\0`
const toldHeaders = ({ log }: RecordedClient): unknown => log.map(([, headers]) => headers)

test.for([
  ['x:C\\\\c', 'C\\c'],
  ['x:\\\\n\\\\r\\\\\\n', '\\n\\r\\\n'],
  ['x:\\\\\\\\c\\c\\\\', '\\\\c:\\'],
  ['x:\\t\\', '\\t\\'],
])('a header value is read as STOMP 1.2 writes it: %j', async ([line, value]) => {
  const client = await connect()
  client.say(message(line!))
  expect(toldHeaders(client)).toEqual([{ subscription: 's-1', x: value }])
  // and an ACK gives an id back as it was written
  client.say(message(line!.replace('x:', 'ack:')))
  client.messages[1]?.ack()
  expect(client.log.at(-1)).toEqual([
    'sent',
    `ACK\nid:${line!.slice(2).replace('\\t\\', '\\\\t\\\\')}\nsubscription:s-1\n\n\0`,
  ])
})

test('of two lengths the first counts', async () => {
  const client = await connect()
  client.say(message('content-length:3\ncontent-length:1', 'a\0b') + message('x:2', 'two'))
  expect(client.log.map(([, , body]) => body)).toEqual(['a\0b', 'two'])
})

test.for(['content-length:', 'content-length:many', 'content-length:-1'])(
  'a body with %j ends with NUL, and the next frame is read',
  async line => {
    const client = await connect()
    client.say(message(line, 'one') + message('x:2', 'two'))
    expect(client.log.map(([, , body]) => body)).toEqual(['one', 'two'])
  },
)

test('a header line without a colon is a name, and the next line is read', async () => {
  const client = await connect()
  client.say(message('odd\nx:2'))
  expect(toldHeaders(client)).toEqual([{ subscription: 's-1', odd: '', x: '2' }])
})

test.for([true, false])('once it is discarded it tells of no frame, and no timer goes on: %s', async canTerminate => {
  const client = await connect({ canTerminate })
  client.onTold = what => what === 'message' && void client.client.deactivate({ force: true })
  client.say(`${message('x:1')}${message('x:2')}ERROR\n\n\0RECEIPT\nreceipt-id:r-1\n\n\0`)
  await Promise.resolve()
  const how = canTerminate ? 'terminate()' : 'close()'
  expect(client.log.map(([what]) => what)).toEqual(['message', how, 'onWebSocketClose'])
  expect(vi.getTimerCount()).toBe(0)
})

test('once its DISCONNECT is confirmed it closes and tells of no frame, and no timer waits with it for the socket', async () => {
  const client = await connect()
  void client.client.deactivate()
  client.say(`RECEIPT\nreceipt-id:close-0\n\n\0${message('x:1')}`)
  expect(client.log).toEqual([['sent', 'DISCONNECT\nreceipt:close-0\n\n\0'], ['close()']])
  expect(vi.getTimerCount()).toBe(0)
  client.end(1000)
  expect(client.log.at(-1)).toEqual(['onWebSocketClose', 1000])
})

test('a refusal and CONNECTED in one piece open nothing once it was discarded for the first', async () => {
  const client = new RecordedClient(mended, plainOptions)
  await client.started()
  client.onTold = what => what === 'onStompError' && void client.client.deactivate({ force: true })
  client.say('ERROR\nmessage:no\n\n\0CONNECTED\nversion:1.2\nheart-beat:100,100\n\n\0')
  expect(client.log.flat()).not.toContain('onConnect')
  expect(vi.getTimerCount()).toBe(0)
})

test('a second CONNECTED changes nothing', async () => {
  const client = await connect()
  client.say('CONNECTED\nversion:1.0\nheart-beat:1,1\n\n\0')
  expect([client.log, vi.getTimerCount()]).toEqual([[], 0])
})

test('an error that no close follows leaves nothing behind once it is discarded', async () => {
  const client = await connect()
  client.socket.readyState = 3
  client.fail()
  void client.client.deactivate({ force: true })
  expect(vi.getTimerCount()).toBe(0)
})

test('a message of "auto" that has nothing to be acknowledged by is not', async () => {
  const client = await connect()
  client.say(message('message-id:1'))
  client.messages[0]?.ack()
  expect(client.log.map(([what]) => what)).toEqual(['message'])
})

test('each byte is decoded once, in however many pieces a frame comes', async () => {
  const client = await connect()
  const large = '€'.repeat(50_000)
  const bytes = new TextEncoder().encode(message(`x:${large}\ncontent-length:150000`, large))
  const decode = vi.spyOn(TextDecoder.prototype, 'decode')
  const search = vi.spyOn(Uint8Array.prototype, 'indexOf')
  for (let at = 0; at < bytes.length; at += 7) client.say(bytes.slice(at, at + 7))
  let decoded = 0
  for (const [given] of decode.mock.calls) decoded += (given as Uint8Array).length
  expect(decoded).toBeLessThan(bytes.length)
  let searched = 0
  for (const given of search.mock.contexts) searched += (given as Uint8Array).length
  expect(searched).toBeLessThan(bytes.length + 1000)
  expect(client.log[0]?.[2]).toBe(large)
})
