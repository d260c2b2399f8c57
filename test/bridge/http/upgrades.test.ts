/** Upgrade requests as no browser writes them, from a peer that nobody knows: none may cost the bridge anything for long. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startBridge } from '../../support/bridges/bridges.ts'

const upgradeOf = (target: string, port: string, more: readonly string[] = []): string =>
  [
    `GET ${target} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ...more,
    '\r\n',
  ].join('\r\n')

/** @returns the answer, once the bridge has closed its side; this side never ends first */
async function answerTo(url: string, target: string, ...more: string[]): Promise<string> {
  const { port } = new URL(url)
  const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
  let answer = ''
  socket.on('data', chunk => {
    answer += chunk.toString()
  })
  socket.write(upgradeOf(target, port, more))
  await once(socket, 'end')
  // Never closes unless the bridge has let go of the whole connection: half of it would take this
  socket.on('error', () => {})
  const writing = setInterval(() => socket.write('x'), 5)
  await new Promise(resolve => socket.on('close', resolve))
  clearInterval(writing)
  return answer
}

test.each(['//ada:secret@host/stomp', '//', '/nowhere', '/stomp%', '//[/stomp', 'http://ada:secret@host/stomp'])(
  'an upgrade of %s is refused, and the bridge goes on',
  async target => {
    await using bridge = await startBridge({ broker: 'embedded' })
    expect(await answerTo(bridge.url, target)).toMatch(/^HTTP\/1\.1 4\d\d /)
    const health = await fetch(`${bridge.url}/health`)
    expect(health.status).toBe(200)
  },
)

test.each(['Host: evil.example', 'Host: 127.0.0.1', 'Origin: http://evil.example', 'Origin: null'])(
  'an upgrade with a second %s is refused: a proxy may have gone by that one',
  async second => {
    await using bridge = await startBridge({ broker: 'embedded' })
    const first = second.startsWith('Origin') ? [`Origin: ${bridge.url}`] : []
    expect(await answerTo(bridge.url, '/stomp', ...first, second)).toMatch(/^HTTP\/1\.1 40[03] /)
  },
)

test.each([
  ['whose headers do not end', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
  ['that says nothing', ''],
  ['whose body does not come', 'POST /token HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 10\r\n\r\n{'],
])('a request %s is ended', async (_, text) => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { headersMs: 200, requestMs: 400 } })
  const { port } = new URL(bridge.url)
  const socket = connect({ port: Number(port), host: '127.0.0.1' })
  socket.on('error', () => {})
  socket.resume()
  socket.write(text.replace('PORT', port))
  await once(socket, 'close')
})
