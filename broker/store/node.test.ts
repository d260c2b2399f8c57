/** The store in a real file: who may have it, and files that are no good. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSmallDisk } from '../../test/support/small-disk.ts'
import { until, within } from '../../test/support/until.ts'
import { type BrokerEvent, createEmbeddedBroker } from '../broker.ts'
import { openPeer, sendAll, take, textOf } from '../testing.ts'
import { openStore } from './node.ts'

const queue = '/queue/myapp.tasks.t'
const reading = { id: 's', destination: queue, ack: 'client-individual', 'prefetch-count': '1000' }
let folder: string
let files = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-store-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const newFile = (): string => join(folder, `${++files}.db`)

/** A file with so many messages in a queue, closed in good order. */
async function fileWith(messages: number, body = 'job'): Promise<string> {
  const file = newFile()
  await using broker = createEmbeddedBroker({ store: openStore(file) })
  const peer = await openPeer(broker)
  for (let n = 1; n < messages; n++) peer.send('SEND', { destination: queue }, `${body} ${n}`)
  await sendAll(peer, queue, `${body} ${messages}`)
  return file
}

const why = (open: () => unknown): string => {
  try {
    open()
  } catch (error) {
    const { code, message } = error as Error & { code: string }
    return `${code}: ${message}`
  }
  throw new Error('It was opened')
}

test.for([':memory:', 'file:kept.db', 'file:kept.db?mode=memory'])('%s is a file of that name', async name => {
  const before = process.cwd()
  process.chdir(await mkdtemp(join(folder, 'named-')))
  try {
    for (const isThere of [false, true]) {
      await using broker = createEmbeddedBroker({ store: openStore(name) })
      const peer = await openPeer(broker)
      if (!isThere) await sendAll(peer, queue, 'kept')
      peer.send('SUBSCRIBE', reading)
      if (isThere)
        expect((await within('it is there', take(peer, 1), { timeoutMs: 5_000 })).map(textOf)).toEqual(['kept'])
    }
    expect((await stat(name)).size).toBeGreaterThan(0)
  } finally {
    process.chdir(before)
  }
})

test('all that a queue holds is as it was: bytes, order, headers that are escaped; and others may not read the file', async () => {
  const file = newFile()
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n)
  {
    await using broker = createEmbeddedBroker({ store: openStore(file) })
    const peer = await openPeer(broker)
    await peer.confirmed('SEND', { destination: queue, note: 'ä:\\c', kind: 'x' }, bytes)
    await sendAll(peer, queue, '')
  }
  expect((await stat(file)).mode & 0o077).toBe(0)
  await using broker = createEmbeddedBroker({ store: openStore(file) })
  const peer = await openPeer(broker)
  peer.send('SUBSCRIBE', reading)
  const [first, second] = await take(peer, 2)
  expect(first!.body).toEqual(bytes)
  expect([first!.header('note'), first!.header('kind'), textOf(second!)]).toEqual(['ä\\c\\\\c', 'x', ''])
})

test('a second process is told who has the file, and has it once that is killed', async () => {
  const file = newFile()
  const program = join(folder, 'holder.mjs')
  await writeFile(
    program,
    `import { openStore } from ${JSON.stringify(new URL('node.ts', import.meta.url).href)}
    openStore(${JSON.stringify(file)}); console.log('opened'); setInterval(() => {}, 1000)`,
  )
  const holder = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await within('it has the file', once(holder.stdout, 'data'))
    expect(why(() => openStore(file))).toBe(
      `store_failed: ${file} is in use by the process ${holder.pid}; end that first, or name another file`,
    )
  } finally {
    holder.kill('SIGKILL')
  }
  await once(holder, 'exit')
  const store = openStore(file)
  expect(why(() => openStore(file))).toContain(`the process ${process.pid}`)
  store.close()
})

test('a newer format is refused, and left as it is', async () => {
  const file = await fileWith(1)
  const database = new DatabaseSync(file)
  database.exec('PRAGMA user_version = 2')
  database.close()
  const before = await readFile(file)
  expect(why(() => openStore(file))).toMatch(
    /^store_failed: .* written by a newer Drover, in format 2; this one reads up to 1/,
  )
  expect(await readFile(file)).toEqual(before)
})

test('a database of something else is left alone', () => {
  const file = newFile()
  const database = new DatabaseSync(file)
  database.exec('CREATE TABLE customer (name TEXT)')
  database.close()
  expect(why(() => openStore(file))).toContain('is a database of something else; name another file')
})

test.for([
  ['its first bytes are others', 0, 100],
  ['the facts of messages are', 4_096, 60_000],
  ['facts of messages are that are read last', 20_480, 60_000],
] as const)('a file is damaged where %s: it is refused with what to do', async ([, from, length]) => {
  const file = await fileWith(500)
  const damaged = await open(file, 'r+')
  await damaged.write(Buffer.alloc(length, 0x5a), 0, length, from)
  await damaged.close()
  const sentence =
    /^store_failed: .* is damaged \(.*\); nothing of it was changed\. Put a copy of it back, or name another file$/
  expect(why(() => createEmbeddedBroker({ store: openStore(file) }))).toMatch(sentence)
  // Nor does this process hold it then
  expect(why(() => createEmbeddedBroker({ store: openStore(file) }))).toMatch(sentence)
})

test('a file that was cut off is refused', async () => {
  const file = await fileWith(500)
  await writeFile(file, (await readFile(file)).subarray(0, 20_480))
  expect(why(() => createEmbeddedBroker({ store: openStore(file) }))).toMatch(/^store_failed: .* is damaged/)
})

test('a message whose bytes are gone stops its queue, is told, and is not passed over', async () => {
  const file = await fileWith(3)
  const database = new DatabaseSync(file)
  database.exec('DELETE FROM body WHERE row = 2')
  database.close()
  const events: BrokerEvent[] = []
  await using broker = createEmbeddedBroker({ store: openStore(file), onEvent: event => events.push(event) })
  const peer = await openPeer(broker)
  await peer.confirmed('SUBSCRIBE', { ...reading, id: 'other', destination: '/queue/myapp.other' })
  peer.send('SUBSCRIBE', reading)
  expect(textOf(await peer.next())).toBe('job 1')
  await until('it is told', () => events.find(({ type }) => type === 'store_failed'))
  expect(events.find(({ type }) => type === 'store_failed')).toMatchObject({
    message: `The broker cannot read a message of ${queue} now: message 2 is not whole in ${file}, which is damaged`,
  })
  await peer.confirmed('SEND', { destination: '/queue/myapp.other', persistent: 'false' }, 'fence')
  expect([peer.frames.length, broker.stats().queues.find(({ destination }) => destination === queue)?.waiting]).toEqual(
    [0, 2],
  )
})

test('a file that is moved away while it is open takes nothing, which is told, until it is back', async () => {
  const file = newFile()
  const events: BrokerEvent[] = []
  const store = openStore(file)
  await using broker = createEmbeddedBroker({ store, onEvent: event => events.push(event) })
  const peer = await openPeer(broker)
  const send = async (receipt: string) => {
    peer.send('SEND', { destination: queue, receipt, 'on-full': 'receipt' }, receipt)
    return (await peer.next()).header('drover-code')
  }
  expect(await send('before')).toBeUndefined()
  await rename(file, `${file}-elsewhere`)
  expect(await send('meanwhile')).toBe('store_failed')
  expect(events.at(-1)).toMatchObject({
    type: 'store_failed',
    message: expect.stringContaining('the file is gone: somebody deleted or moved it'),
  })
  await rename(`${file}-elsewhere`, file)
  await until('it keeps messages again', () => events.some(({ type }) => type === 'store_recovered'))
  expect(await send('after')).toBeUndefined()
})

test('on a full disk senders are refused, nothing confirmed is lost, and with room it goes on', async ({ skip }) => {
  await using disk = await makeSmallDisk('2m')
  if (!disk.isMounted) skip('this user may not mount a small disk')
  const file = join(disk.folder, 'drover.db')
  const events: string[] = []
  const confirmed: string[] = []
  {
    await using broker = createEmbeddedBroker({ store: openStore(file), onEvent: ({ type }) => events.push(type) })
    const peer = await openPeer(broker)
    /** Gives the code of a refusal. */
    const send = async (name: string): Promise<string | undefined> => {
      const body = `${name} ${'x'.repeat(20_000)}`
      peer.send('SEND', { destination: queue, receipt: name, 'on-full': 'receipt' }, body)
      const code = (await peer.next()).header('drover-code')
      if (code === undefined) confirmed.push(name)
      return code
    }
    for (let n = 0; n < 10; n++) expect(await send(`before-${n}`)).toBeUndefined()
    await disk.fill()
    expect(await send('refused')).toBe('store_failed')
    expect(events).toContain('store_failed')
    await disk.makeRoom()
    await until('it keeps messages again', () => events.includes('store_recovered'))
    expect(await send('after')).toBeUndefined()
  }
  await using broker = createEmbeddedBroker({ store: openStore(file) })
  const peer = await openPeer(broker)
  peer.send('SUBSCRIBE', reading)
  const there = (await take(peer, 12)).map(frame => textOf(frame).split(' ')[0])
  // It was in memory when it was refused: its sender sends it again, and it may come twice
  expect(there.filter(name => name !== 'refused')).toEqual(confirmed)
})
