import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { code, open, pass, start } from '../../test/support/scripted.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('refused for good or tried again', () => {
  const refusedConnect = (errorCode: string) => `ERROR\nmessage:No\ndrover-code:${errorCode}`

  test.for(['not_authenticated', 'forbidden', 'session_replaced'])(
    'CONNECT refused with %s ends it',
    async errorCode => {
      const { stomp, peer } = await start()
      const opened = code(stomp.opened())
      peer.socket.open()
      peer.socket.say(refusedConnect(errorCode))
      expect(stomp.state).toMatchObject({ at: 'closed', reason: { code: errorCode } })
      expect(await opened).toBe(errorCode)
      expect(await code(stomp.opened())).toBe(errorCode)
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  test('a refused token is asked for again, five times in all', async () => {
    const token = vi.fn(() => 'stale')
    const { stomp, peer } = await start({ token })
    for (let tries = 1; tries <= 5; tries++) {
      expect(token).toHaveBeenCalledTimes(tries)
      peer.socket.open()
      peer.socket.say(refusedConnect('not_authenticated'))
      await pass(250 * 2 ** (tries - 1))
    }
    expect(stomp.state).toMatchObject({ at: 'closed', reason: { code: 'not_authenticated' } })
    expect(token).toHaveBeenCalledTimes(5)
  })

  test('a token that ran out in mid-session is renewed', async () => {
    const { stomp, peer } = await open({ token: () => 'fresh' }, 'drover-owner:ada')
    peer.socket.say(refusedConnect('not_authenticated'))
    peer.socket.end()
    await pass(250)
    peer.socket.connect('drover-owner:ada')
    expect(stomp.state.at).toBe('open')
  })

  test('a session that a newer one replaced does not fight back', async () => {
    const { stomp, peer } = await open({}, 'drover-owner:ada')
    peer.socket.say(refusedConnect('session_replaced'))
    peer.socket.end()
    expect(stomp.state).toMatchObject({ at: 'closed', reason: { code: 'session_replaced' } })
  })

  test('who takes the connection and ends it over CONNECT without a word may not accept the passcode, and says so', async () => {
    const { stomp, peer } = await start({ passcode: 'wrong' })
    peer.socket.open()
    peer.socket.end()
    expect(stomp.state).toMatchObject({
      at: 'waiting',
      reason: {
        code: 'broker_unreachable',
        message: expect.stringMatching(
          /^ws.* took the connection and did not answer CONNECT: check login and passcode/,
        ),
      },
    })
  })

  test('any other ERROR is a reason to try again', async () => {
    const { stomp, peer } = await start()
    peer.socket.open()
    peer.socket.say('ERROR\nmessage:Broker is starting')
    expect(stomp.state).toMatchObject({ at: 'waiting', reason: { code: 'broker_error' } })
  })

  test('after an ERROR a broker that does not go on is left at once', async () => {
    const { stomp, peer } = await open()
    const sent = code(stomp.publish({ destination: '/queue/a', body: '' }))
    peer.socket.say('ERROR\nmessage:access_refused')
    expect(await sent).toBe('forbidden')
    expect(stomp.state.at).toBe('waiting')
  })

  test('one that goes on is not', async () => {
    const { stomp, peer } = await open({}, 'server:ActiveMQ/6.1.8')
    const sent = stomp.publish({ destination: '/queue/a', body: '' })
    peer.socket.say('ERROR\nreceipt-id:other\nmessage:not authorized')
    peer.socket.confirm('SEND')
    await sent
    expect(stomp.state.at).toBe('open')
  })
})
