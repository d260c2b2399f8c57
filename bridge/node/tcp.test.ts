import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { createEmbeddedBroker } from '../../broker/mod.ts'
import type { ByteLink } from '../../shared/frames/byte-link.ts'
import { encodeFrame, FrameScanner } from '../../shared/frames/mod.ts'
import { connectTcp, listenTcp } from './tcp.ts'

const connectFrame = encodeFrame('CONNECT', [
  ['accept-version', '1.2'],
  ['login', 'foo'],
  ['passcode', 'bar'],
])
const ignore = { bytes() {}, drained() {}, closed() {} }

async function listen(accept: Parameters<typeof listenTcp>[0]['accept']) {
  const listener = await listenTcp({ port: 0, accept })
  onTestFinished(() => listener.close())
  return { ...listener, url: new URL(`stomp://127.0.0.1:${listener.port}`) }
}

test('a broker is spoken to over TCP, and close() ends its connections', async () => {
  await using broker = createEmbeddedBroker()
  const { url, close } = await listen(broker.accept)
  const scanner = new FrameScanner()
  const connected = Promise.withResolvers<string>()
  const closed = Promise.withResolvers<Error | undefined>()
  const link = await connectTcp(url)({
    bytes: chunk => scanner.push(chunk).forEach(frame => void connected.resolve(frame.command)),
    drained() {},
    closed: closed.resolve,
  })
  link.send(connectFrame)
  expect(await connected.promise).toBe('CONNECTED')
  await close()
  await close()
  expect(await closed.promise).toBeUndefined()
})

test('bytes sent before close() arrive, also when the peer still sends', async () => {
  await using broker = createEmbeddedBroker()
  const { port } = await listen(broker.accept)
  const socket = createConnection(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', chunk => void chunks.push(chunk))
  socket.write(connectFrame)
  socket.write(encodeFrame('SEND', [['destination', '/queue/elsewhere']]))
  for (let more = 0; more < 50; more++) socket.write(Buffer.alloc(10_000, 10))
  await new Promise(resolve => socket.once('close', resolve))
  expect(Buffer.concat(chunks).toString()).toMatch(/CONNECTED.*ERROR.*may not send to \/queue\/elsewhere/s)
})

test('frames of one tick leave in one piece', async () => {
  let server: ByteLink | undefined
  const { port } = await listen(link => {
    server = link
    return ignore
  })
  const socket = createConnection(port, '127.0.0.1')
  const chunks: Buffer[] = []
  const all = new Promise<void>(resolve => {
    socket.on('data', chunk => {
      chunks.push(chunk)
      if (Buffer.concat(chunks).length === 300) resolve()
    })
  })
  await expect.poll(() => server).toBeDefined()
  for (let piece = 0; piece < 100; piece++) server!.send(new Uint8Array(3))
  await all
  expect(chunks).toHaveLength(1)
  socket.destroy()
})

test('a paused reader stalls its sender, which is told when that is over', async () => {
  let server: ByteLink | undefined
  let taken = 0
  const { url } = await listen(link => {
    server = link
    link.pause()
    return {
      ...ignore,
      bytes(chunk) {
        taken += chunk.length
      },
    }
  })
  const drained = Promise.withResolvers<void>()
  const link = await connectTcp(url)({ ...ignore, drained: drained.resolve })
  await expect.poll(() => server).toBeDefined()
  const piece = new Uint8Array(1_048_576)
  for (let sent = 0; sent < 32; sent++) link.send(piece)
  await expect.poll(() => link.unsentBytes).toBeGreaterThan(0)
  expect(taken).toBe(0)
  server!.resume()
  await drained.promise
  expect(link.unsentBytes).toBe(0)
  await expect.poll(() => taken).toBe(32 * piece.length)
})

test('a peer that goes away is told to the sink once, with its error', async () => {
  const ends: (Error | undefined)[] = []
  const { port } = await listen(() => ({ ...ignore, closed: reason => void ends.push(reason) }))
  const socket = createConnection(port, '127.0.0.1')
  await new Promise(resolve => socket.once('connect', resolve))
  socket.resetAndDestroy()
  await expect.poll(() => ends.length).toBe(1)
  expect(ends[0]).toMatchObject({ code: 'ECONNRESET' })
})

test('closing a connection that is gone already starts nothing', async () => {
  const script = `
    import { connectTcp, listenTcp } from ${JSON.stringify(new URL('./tcp.ts', import.meta.url).href)}
    const ends = [Promise.withResolvers(), Promise.withResolvers()]
    const sinkOf = (end, close) => ({ bytes() {}, drained() {}, closed() { close(); end.resolve() } })
    const listener = await listenTcp({ port: 0, accept: link => sinkOf(ends[0], () => link.close()) })
    const open = connectTcp(new URL('stomp://127.0.0.1:' + listener.port))
    const link = await open(sinkOf(ends[1], () => link.close()))
    link.close()
    await Promise.all(ends.map(end => end.promise))
    await listener.close()
    console.log(process.getActiveResourcesInfo().filter(name => name === 'Timeout').length)`
  const timers = await new Promise<string>((resolve, reject) =>
    execFile(process.execPath, ['--input-type=module', '-e', script], (error, stdout, stderr) =>
      error ? reject(new Error(stderr)) : resolve(stdout.trim()),
    ),
  )
  expect(timers).toBe('0')
})

test('a taken port is one clear sentence', async () => {
  const { port } = await listen(() => ignore)
  const again = listenTcp({ port, accept: () => ignore })
  await expect(again).rejects.toMatchObject({ code: 'port_taken' })
  await expect(again).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken by another program`)
})

test('an address that is not this machine cannot be listened on', async () => {
  const elsewhere = listenTcp({ hostname: '192.0.2.1', port: 0, accept: () => ignore })
  await expect(elsewhere).rejects.toMatchObject({ code: 'config_invalid' })
})

test('a broker that is not there is named', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  const connecting = connectTcp(new URL(`stomp://127.0.0.1:${port}`))(ignore)
  await expect(connecting).rejects.toMatchObject({ code: 'broker_unreachable' })
  await expect(connecting).rejects.toThrow(`127.0.0.1:${port}`)
})

test('only stomp: and stomp+ssl: are broker addresses here', () => {
  expect(() => connectTcp(new URL('http://localhost'))).toThrow(/expected was stomp: or stomp\+ssl:/)
})

test('stomp+ssl: speaks TLS, and refuses a certificate that nobody vouches for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drover-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert, ...subject],
    {
      stdio: 'ignore',
    },
  )
  const sockets: Socket[] = []
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const connecting = connectTcp(new URL(`stomp+ssl://localhost:${port}`))(ignore)
  await expect(connecting).rejects.toMatchObject({ code: 'broker_unreachable' })
  await expect(connecting).rejects.toThrow(/self-signed certificate/)
  const trusting = `
    import { connectTcp } from ${JSON.stringify(new URL('./tcp.ts', import.meta.url).href)}
    const link = await connectTcp(new URL('stomp+ssl://localhost:${port}'))({
      bytes(chunk) { console.log(new TextDecoder().decode(chunk)); link.close() }, drained() {}, closed() {},
    })
    link.send(new TextEncoder().encode('echo'))`
  const output = await new Promise<string>((resolve, reject) =>
    execFile(
      process.execPath,
      ['--input-type=module', '-e', trusting],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: cert } },
      (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)),
    ),
  )
  expect(output.trim()).toBe('echo')
})
