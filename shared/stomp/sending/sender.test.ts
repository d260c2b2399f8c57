import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { code, open, pass, start } from '../../../test/support/scripted.ts'
import type { Incoming } from '../stomp.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('publish()', () => {
  test('rejects without a connection, and publishUnconfirmed() does nothing', async () => {
    const { stomp, peer } = await start()
    expect(await code(stomp.publish({ destination: '/queue/a', body: '' }))).toBe('connection_lost')
    stomp.publishUnconfirmed({ destination: '/queue/a', body: '' })
    expect(peer.socket.sent).toEqual([])
  })

  test('rejects when the connection goes before the RECEIPT, when time is up, and after close()', async () => {
    const { stomp, peer } = await open({ receiptTimeoutMs: 1000 })
    const late = code(stomp.publish({ destination: '/queue/a', body: '' }))
    await pass(1000)
    expect(await late).toBe('timed_out')
    const lost = code(stomp.publish({ destination: '/queue/a', body: '' }))
    peer.socket.end()
    expect(await lost).toBe('connection_lost')
    await stomp.close()
    expect(await code(stomp.publish({ destination: '/queue/a', body: '' }))).toBe('closed')
  })

  test('sends nothing larger than the other side takes, counted in bytes', async () => {
    const { stomp, peer } = await open({}, 'drover-max-frame-bytes:1000')
    const euros = '€'.repeat(300)
    expect(await code(stomp.publish({ destination: '/queue/a', body: euros }))).toBe('frame_too_large')
    expect(await code(stomp.transaction(it => it.publish({ destination: '/queue/a', body: euros })))).toBe(
      'frame_too_large',
    )
    expect(peer.socket.sent.length).toBe(1)
    void stomp.publish({ destination: '/queue/a', body: 'e'.repeat(700) }).catch(() => {})
    expect(peer.socket.header('SEND', 'content-length')).toBe('700')
  })

  test('escapes header values, and refuses those that the STOMP version cannot carry', async () => {
    const { stomp, peer } = await open()
    void stomp.publish({ destination: '/queue/a', headers: { note: 'a:b\nc' }, body: '' }).catch(() => {})
    expect(peer.socket.header('SEND', 'note')).toBe('a\\cb\\nc')
    for (const headers of [{ 'a\nb': 'c' }, { 'a:b': 'c' }, { a: '\0' }] as Record<string, string>[]) {
      const message = { destination: '/queue/a', headers, body: '' }
      expect(await code(stomp.publish(message))).toBe('frame_invalid')
      expect(() => stomp.publishUnconfirmed(message)).toThrow(expect.objectContaining({ code: 'frame_invalid' }))
    }
    const old = await start()
    old.peer.socket.open()
    old.peer.socket.say('CONNECTED\nversion:1.0')
    const body = ''
    expect(await code(old.stomp.publish({ destination: '/queue/a\nx:y', body }))).toBe('frame_invalid')
    expect(old.peer.socket.last('SEND')).toBeUndefined()
  })
})

describe('transaction()', () => {
  test('is one turn of frames, with the receipt on COMMIT', async () => {
    const { stomp, peer } = await open()
    const done = stomp.transaction(transaction => {
      transaction.publish({ destination: '/queue/a', body: 'x' })
      transaction.publish({ destination: '/queue/b', body: 'y' })
    })
    const frames = peer.socket.sent.slice(1)
    expect(frames.map(frame => frame.split('\n')[0])).toEqual(['BEGIN', 'SEND', 'SEND', 'COMMIT'])
    const id = peer.socket.header('BEGIN', 'transaction')
    expect(frames.every(frame => frame.includes(`\ntransaction:${id}\n`))).toBe(true)
    for (const frame of frames.slice(1)) peer.socket.say(`RECEIPT\nreceipt-id:${/\nreceipt:(.*)/.exec(frame)?.[1]}`)
    await done
  })

  test('of a single frame is that frame, which takes place or not by itself', async () => {
    const { stomp, peer } = await open()
    const done = stomp.transaction(transaction => transaction.publish({ destination: '/queue/a', body: 'x' }))
    expect(peer.socket.sent.slice(1).map(frame => frame.split('\n')[0])).toEqual(['SEND'])
    expect(peer.socket.sent[1]).not.toContain('\ntransaction:')
    peer.socket.confirm('SEND')
    await done
  })

  test('of nothing is a fence: it is over when all that left before has been handled', async () => {
    const { stomp, peer } = await open()
    stomp.publishUnconfirmed({ destination: '/queue/a', body: 'x' })
    const over: string[] = []
    const done = stomp.transaction(() => {}).then(() => over.push('over'))
    await pass()
    expect(peer.socket.sent.slice(1).map(frame => frame.split('\n')[0])).toEqual(['SEND', 'BEGIN', 'COMMIT'])
    expect(over).toEqual([])
    peer.socket.confirm('COMMIT')
    await done
  })

  test.each(['RabbitMQ/3.10', 'ActiveMQ/6.1.8'])(
    'that is not confirmed in time ends the connection, so that the message it was to ack is handed out again (%s)',
    async server => {
      const { stomp, peer } = await open({ receiptTimeoutMs: 1000 }, `server:${server}`)
      stomp.subscribe({ destination: '/queue/a' }, message => {
        void code(
          stomp.transaction(transaction => {
            transaction.publish({ destination: '/queue/b', body: '' })
            message.ack(transaction)
          }),
        ).then(found => codes.push(found))
      })
      const codes: unknown[] = []
      peer.socket.confirm('SUBSCRIBE')
      peer.socket.say(`MESSAGE\nsubscription:${peer.socket.header('SUBSCRIBE', 'id')}\nack:a1\nmessage-id:1`)
      await pass(1000)
      expect([codes, stomp.state.at]).toEqual([['timed_out'], 'waiting'])
      await pass(stomp.state.at === 'waiting' ? stomp.state.retryAt - Date.now() : 0)
      peer.socket.connect(`server:${server}`)
      expect([peer.sockets.length > 1, peer.socket.last('SUBSCRIBE')]).toEqual([true, expect.anything()])
    },
  )

  test('fails where COMMIT is confirmed and the ERROR comes after it', async () => {
    const { stomp, peer } = await open()
    const done = code(
      stomp.transaction(transaction => {
        transaction.publish({ destination: '/queue/a', body: 'x' })
        transaction.publish({ destination: '/queue/b', body: 'y' })
      }),
    )
    peer.socket.confirm('COMMIT')
    peer.socket.say('ERROR\nmessage:precondition_failed for queue b')
    expect(await done).toBe('broker_error')
  })

  test('where each COMMIT is a write to disk, SENDs that come while one is under way share the next, and close() waits for it', async () => {
    const { stomp, peer } = await open({}, 'server:ActiveMQ/6.1.8')
    const send = (body: string): Promise<void> =>
      stomp.publish({ destination: '/queue/a', headers: { persistent: 'true' }, body })
    const done = Promise.all(['first', 'second', 'third'].map(send))
    const commands = (): (string | undefined)[] => peer.socket.sent.slice(1).map(frame => frame.split('\n')[0])
    const confirm = (at: number): void =>
      peer.socket.say(`RECEIPT\nreceipt-id:${/\nreceipt:(.*)/.exec(peer.socket.sent.at(at) ?? '')?.[1]}`)
    expect(commands()).toEqual(['SEND'])
    const closed = stomp.close()
    confirm(-1)
    await expect.poll(commands).toEqual(['SEND', 'BEGIN', 'SEND', 'SEND'])
    confirm(-2)
    confirm(-1)
    await expect.poll(commands).toEqual(['SEND', 'BEGIN', 'SEND', 'SEND', 'COMMIT'])
    confirm(-1)
    await done
    await expect.poll(() => commands().at(-1)).toBe('DISCONNECT')
    confirm(-1)
    await closed
  })

  test('where a broker confirms COMMIT all the same, waits for each step before it and commits nothing of a part', async () => {
    const { stomp, peer } = await open({}, 'server:ActiveMQ/6.1.8')
    const done = code(
      stomp.transaction(transaction => {
        transaction.publish({ destination: '/queue/a', body: 'x' })
        transaction.publish({ destination: '/queue/b', body: 'y' })
      }),
    )
    const [, , first, second] = peer.socket.sent.map(frame => /\nreceipt:(.*)/.exec(frame)?.[1])
    peer.socket.say(`RECEIPT\nreceipt-id:${first}`)
    peer.socket.say(`ERROR\nreceipt-id:${second}\nmessage:not authorized`)
    expect(await done).toBe('forbidden')
    expect(peer.socket.last('ABORT')).toBeDefined()
    expect(peer.socket.last('COMMIT')).toBeUndefined()
  })

  test('sends nothing when its fill throws, and takes no step afterwards', async () => {
    const { stomp, peer } = await open()
    const got: Incoming[] = []
    stomp.subscribe({ destination: '/queue/a' }, message => got.push(message))
    peer.socket.say(`MESSAGE\nsubscription:${peer.socket.header('SUBSCRIBE', 'id')}\nack:a1\nmessage-id:1`)
    const failing = stomp.transaction(transaction => {
      transaction.publish({ destination: '/queue/a', body: '' })
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(peer.socket.last('BEGIN')).toBeUndefined()
    const done = stomp.transaction(transaction =>
      queueMicrotask(() => {
        expect(() => got[0]!.ack(transaction)).toThrow(TypeError)
      }),
    )
    peer.socket.confirm('COMMIT')
    await done
  })
})
