import { spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { untilReady } from '../brokers/ready.ts'
import { freePorts } from '../free-ports.ts'
import { startGuarded } from './guarded.ts'

const listen = (port: number): string[] => [
  process.execPath,
  '-e',
  `require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`,
]

const isOpen = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

test('end() ends the whole group, grandchildren included', async () => {
  const [port = 0] = await freePorts(1)
  const group = startGuarded(['bash', '-c', '"$0" "$@" & wait', ...listen(port)])
  await vi.waitFor(() => expect(group.log()).toContain('up'), 10_000)
  expect(await isOpen(port)).toBe(true)
  await group.end()
  expect(await isOpen(port)).toBe(false)
  await group.end()
})

test('nothing outlives a starter that is killed with -9', async () => {
  const [port = 0] = await freePorts(1)
  const module = JSON.stringify(fileURLToPath(new URL('guarded.ts', import.meta.url)))
  const program = `import { startGuarded } from ${module}
    startGuarded(${JSON.stringify(listen(port))})`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' })
  await vi.waitFor(async () => expect(await isOpen(port)).toBe(true), 10_000)
  starter.kill('SIGKILL')
  await vi.waitFor(async () => expect(await isOpen(port)).toBe(false), 10_000)
})

test('the status of a command that ends by itself is in the log', async () => {
  const group = startGuarded(['bash', '-c', 'echo out; echo err >&2; exit 3'])
  await group.ended
  expect(group.log()).toMatch(/out/)
  expect(group.log()).toMatch(/err/)
  expect(group.log()).toContain('bash exited with 3')
  expect(group.isRunning).toBe(false)
})

test('a command that does not exist is told in the log', async () => {
  const group = startGuarded(['/no/such/program'])
  await group.ended
  expect(group.log()).toContain('/no/such/program')
})

test('untilReady() shows the end of the log of a broker that ends early', async () => {
  const group = startGuarded(['bash', '-c', 'echo bad configuration'])
  const [port = 0] = await freePorts(1)
  await expect(untilReady(group, port, [], { name: 'it', timeoutMs: 10_000 })).rejects.toThrow(
    /it ended before port \d+ was open[\s\S]*bad configuration/,
  )
})

test('untilReady() takes no port that answers something else for a broker', async () => {
  const other = createServer(socket => socket.end('HTTP/1.1 400\r\n\r\n'))
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as { port: number }
  const group = startGuarded(['sleep', '60'])
  try {
    await expect(untilReady(group, port, [], { name: 'it', timeoutMs: 300 })).rejects.toThrow(/did not open port/)
  } finally {
    await group.end()
    other.close()
  }
})

test('freePorts() gives ports that differ and can be listened on', async () => {
  const ports = await freePorts(5)
  expect(new Set(ports).size).toBe(5)
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(ports[0], '127.0.0.1', resolve))
  server.close()
})
