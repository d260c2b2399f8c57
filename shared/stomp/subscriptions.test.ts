import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { code, open, pass, start } from '../../test/support/scripted.ts'
import type { Incoming } from './stomp.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('subscribe()', () => {
  test('asks again at every connect, before `open` is said, with headers of the new session', async () => {
    const { stomp, peer } = await open()
    const { ready } = stomp.subscribe(
      { destination: '/queue/a', headers: ({ dialect }) => ({ 'x-dialect': dialect.name }) },
      () => {},
    )
    expect(peer.socket.last('SUBSCRIBE')).toContain('\nack:client-individual\nx-dialect:rabbitmq\n')
    peer.socket.confirm('SUBSCRIBE')
    await ready
    const before: (string | undefined)[] = []
    stomp.onState(({ at }) => at === 'open' && before.push(peer.socket.header('SUBSCRIBE', 'x-dialect')))
    peer.socket.end()
    await pass(250)
    peer.socket.connect('server:ActiveMQ/6.1.8')
    expect(before).toEqual(['classic'])
  })

  test('`headers` that throws ends its own subscription, which is told, and no other', async () => {
    const { stomp, peer } = await open()
    let isBroken = true
    const headers = (): Record<string, string> => {
      if (isBroken) throw new Error('my own mistake')
      return {}
    }
    const told: string[] = []
    const subscribe = (destination: string) =>
      stomp.subscribe({ destination, headers, onRefused: error => void told.push(error.message) }, () => {})
    await expect(subscribe('/queue/a').ready).rejects.toThrow('my own mistake')
    isBroken = false
    const { ready } = subscribe('/queue/b')
    peer.socket.confirm('SUBSCRIBE')
    await ready
    const other = stomp.subscribe({ destination: '/queue/c' }, () => {})
    peer.socket.confirm('SUBSCRIBE')
    await other.ready
    isBroken = true
    peer.socket.end()
    await pass(250)
    peer.socket.connect()
    expect(told).toEqual(['my own mistake'])
    expect(peer.socket.header('SUBSCRIBE', 'destination')).toBe('/queue/c')
    expect(stomp.state.at).toBe('open')
  })

  test('waits for a connection, and is ready on the first RECEIPT', async () => {
    const { stomp, peer } = await start()
    const { ready } = stomp.subscribe({ destination: '/queue/a', ack: 'auto' }, () => {})
    peer.socket.connect()
    peer.socket.end()
    await pass(250)
    peer.socket.connect()
    expect(peer.socket.header('SUBSCRIBE', 'ack')).toBe('auto')
    peer.socket.confirm('SUBSCRIBE')
    await ready
  })

  test('is not tried again once refused', async () => {
    const { stomp, peer } = await open()
    const { ready } = stomp.subscribe({ destination: '/queue/a' }, () => {})
    peer.socket.say('ERROR\nmessage:access_refused')
    expect(await code(ready)).toBe('forbidden')
    await pass(250)
    peer.socket.connect()
    expect(peer.socket.last('SUBSCRIBE')).toBeUndefined()
  })

  test('tells its holder when a later connect refuses it', async () => {
    const { stomp, peer } = await open()
    const onRefused = vi.fn()
    const { ready } = stomp.subscribe({ destination: '/queue/a', onRefused }, () => {})
    peer.socket.confirm('SUBSCRIBE')
    await ready
    peer.socket.end()
    await pass(250)
    peer.socket.connect()
    peer.socket.say(`ERROR\nreceipt-id:${peer.socket.header('SUBSCRIBE', 'receipt')}\nmessage:access_refused`)
    await pass(0)
    expect(onRefused).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'forbidden' }))
  })

  test('without its RECEIPT in time takes a new connection', async () => {
    const { stomp, peer } = await open({ receiptTimeoutMs: 2000 })
    stomp.subscribe({ destination: '/queue/a' }, () => {})
    await pass(2000)
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { code: 'timed_out' } })
    await pass(250)
    peer.socket.connect()
    expect(peer.socket.last('SUBSCRIBE')).toBeDefined()
  })

  test('rejects `ready` when it ends before it began, unhandled or not', async () => {
    const { stomp } = await start()
    const one = stomp.subscribe({ destination: '/queue/a' }, () => {})
    const other = stomp.subscribe({ destination: '/queue/b' }, () => {})
    await one.unsubscribe()
    expect(await code(one.ready)).toBe('closed')
    await stomp.close()
    expect(await code(other.ready)).toBe('closed')
  })

  test('unsubscribe() resolves on its RECEIPT, or when the connection is gone', async () => {
    const { stomp, peer } = await open()
    const one = stomp.subscribe({ destination: '/queue/a' }, () => {})
    const other = stomp.subscribe({ destination: '/queue/b' }, () => {})
    const ended = one.unsubscribe()
    peer.socket.confirm('UNSUBSCRIBE')
    await ended
    const lost = other.unsubscribe()
    peer.socket.end()
    await lost
    await pass(250)
    peer.socket.connect()
    expect(peer.socket.last('SUBSCRIBE')).toBeUndefined()
  })

  test('gives messages in order, and acks them by the id of the STOMP version', async () => {
    const { stomp, peer } = await start()
    peer.socket.open()
    peer.socket.say('CONNECTED\nversion:1.1')
    const got: Incoming[] = []
    stomp.subscribe({ destination: '/queue/a' }, message => got.push(message))
    const id = peer.socket.header('SUBSCRIBE', 'id')
    peer.socket.say(`MESSAGE\nsubscription:${id}\nmessage-id:m1\ndestination:/queue/a`, 'one')
    peer.socket.say(`MESSAGE\nsubscription:${id}\nmessage-id:m2`, 'two')
    expect(got.map(({ body, destination }) => [body, destination])).toEqual([
      ['one', '/queue/a'],
      ['two', '/queue/a'],
    ])
    got[1]!.ack()
    expect(peer.socket.header('ACK', 'message-id')).toBe('m2')
  })

  test('drops acks of an older connection', async () => {
    const { stomp, peer } = await open()
    const got: Incoming[] = []
    stomp.subscribe({ destination: '/queue/a' }, message => got.push(message))
    const id = peer.socket.header('SUBSCRIBE', 'id')
    peer.socket.say(`MESSAGE\nsubscription:${id}\nmessage-id:m1\nack:a1`)
    peer.socket.end()
    await pass(250)
    peer.socket.connect()
    got[0]!.ack()
    const done = stomp.transaction(transaction => got[0]!.ack(transaction))
    peer.socket.confirm('COMMIT')
    await done
    expect(peer.socket.last('ACK')).toBeUndefined()
  })
})
