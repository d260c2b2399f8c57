/** A broker's other ports, taken for the one of STOMP. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { sharedBroker } from '../../../support/brokers/shared.ts'
import { drover } from '../../../support/cli/program.ts'

const amqp = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])
const http = Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')

test.for([
  ['AMQP', amqp],
  ['HTTP', http],
  ['TLS', Buffer.from([0x15, 3, 1, 0, 2, 2, 22])],
  ['something else than STOMP ("-ERR unknown command")', Buffer.from('-ERR unknown command\r\n')],
] as const)('a port that answers as %s is named as the wrong one, on Node and on Deno', async ([name, bytes]) => {
  const server = createServer(socket => socket.on('error', () => {}).once('data', () => socket.end(bytes)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `stomp://foo:opal@127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const sentence = `it answered as ${name}: is this the broker's STOMP port (61613)`
  const { code, stdout, stderr } = await drover(['dispatch', 'a.b', '--url', url])
  expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)])
  expect(stdout + stderr).not.toContain('opal')
  const deno = ['run', '--quiet', '-A', 'cli/main.ts', 'dispatch', 'a.b', '--url', url]
  const found = await promisify(execFile)('deno', deno).catch((error: { stderr: string }) => error)
  expect(found.stderr).toContain(sentence)
  server.close()
})

test('a port without TLS is said to be one, on Node and on Deno', async () => {
  const server = createServer(socket => socket.on('error', () => {}).once('data', () => socket.end(http)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `stomp+ssl://foo:opal@127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const deno = ['run', '--quiet', '-A', 'cli/main.ts', 'dispatch', 'a.b', '--url', url]
  const onDeno = promisify(execFile)('deno', deno).catch((error: { stderr: string }) => error)
  for (const { stderr } of [await drover(['dispatch', 'a.b', '--url', url]), await onDeno]) {
    expect(stderr).toMatch(/: the server there does not speak TLS; check the port, or take stomp: where .*\n$/)
  }
  server.close()
})

test('a STOMP port that is taken for one of WebSocket is said to be one, on Node and on Deno', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const url = `${stompUrl.replace('stomp:', 'ws:')}/stomp`
  const deno = ['run', '--quiet', '-A', 'cli/main.ts', 'dispatch', 'a.b', '--url', url]
  const onDeno = promisify(execFile)('deno', deno).catch((error: { stderr: string }) => error)
  for (const { stderr } of [await drover(['dispatch', 'a.b', '--url', url]), await onDeno])
    expect(stderr).toMatch(/that this port takes WebSocket \(a broker's STOMP port is stomp:\)\n$/)
})
