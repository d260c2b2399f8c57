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

describe('subscribe() to several queues', () => {
  const options = { destination: '/queue/a,/queue/b', headers: () => ({ 'activemq.prefetchSize': '1' }) }
  const frames = (sent: readonly string[]) => sent.map(frame => frame.split('\n').slice(0, 1).join())

  test('has the broker look into them, by another that is handed nothing and ends at once', async () => {
    const { stomp, peer } = await open({}, 'server:ActiveMQ/6.1.8')
    const before = peer.socket.sent.length
    stomp.subscribe(options, () => {})
    const sent = peer.socket.sent.slice(before)
    expect(frames(sent)).toEqual(['SUBSCRIBE', 'SUBSCRIBE', 'UNSUBSCRIBE'])
    expect(sent[1]).toContain('\ndestination:/queue/a,/queue/b\n')
    expect(sent[1]).toContain('\nactivemq.prefetchSize:0\n')
    expect(/\nid:(.*)\n/.exec(sent[2]!)?.[1]).toBe(/\nid:(.*)\n/.exec(sent[1]!)?.[1])
    expect(frames(peer.socket.sent)).toHaveLength(before + 3)
  })

  test('of one queue, and on a broker that reads no more at once, there is none', async () => {
    for (const [destination, server] of [
      ['/queue/a', 'server:ActiveMQ/6.1.8'],
      ['/queue/a,/queue/b', 'server:RabbitMQ/3.10.8'],
    ]) {
      const { stomp, peer } = await open({}, server)
      const before = peer.socket.sent.length
      stomp.subscribe({ ...options, destination: destination! }, () => {})
      expect(frames(peer.socket.sent.slice(before))).toEqual(['SUBSCRIBE'])
    }
  })

  test('a message that the broker keeps back beside another is asked for by an ACK that is aborted', async () => {
    const { stomp, peer } = await open({}, 'server:ActiveMQ/6.1.8')
    const came: Incoming[] = []
    stomp.subscribe(options, incoming => void came.push(incoming))
    peer.socket.say('MESSAGE\nsubscription:s-1\nmessage-id:m\nack:m\ndestination:/queue/b', '{}')
    const before = peer.socket.sent.length
    came[0]?.askForMore?.()
    const sent = peer.socket.sent.slice(before)
    expect(frames(sent)).toEqual(['BEGIN', 'ACK', 'ABORT'])
    expect(new Set(sent.map(frame => /\ntransaction:(.*)\n/.exec(frame)?.[1])).size).toBe(1)
    expect(sent[1]).toContain('\nid:m\n')
    peer.socket.end()
    expect(() => came[0]?.askForMore?.()).not.toThrow()
  })
})
