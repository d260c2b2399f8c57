/** A file of each format that there was is read by this version, and is made the newest one with a way back. */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEmbeddedBroker } from '../../broker/mod.ts'
import { openStore } from '../../broker/store/node.ts'
import { formats, openDatabase } from '../../broker/store/node-file.ts'
import { openPeer, take, textOf } from '../../broker/testing.ts'

// Written by the first version that had a store
const first = fileURLToPath(new URL('fixtures/format-1.db', import.meta.url))
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-formats-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function copyOf(name: string): Promise<string> {
  const file = join(folder, name)
  await copyFile(first, file)
  return file
}

/** All that is in it, as its readers get it. */
async function contentOf(file: string) {
  const store = openStore(file)
  await using broker = createEmbeddedBroker({ store })
  const peer = await openPeer(broker, { headers: { 'client-id': 'c' } })
  const destination = '/queue/myapp.tasks.t'
  peer.send('SUBSCRIBE', { id: 'q', destination, ack: 'client-individual' })
  const [urgent, odd, late, delayed] = await take(peer, 4)
  peer.send('SUBSCRIBE', { id: 'x', destination: '/queue/myapp.dead', ack: 'client-individual' })
  peer.send('SUBSCRIBE', { id: 'd', destination: '/topic/myapp.events.t', durable: 'true', ack: 'client' })
  const [dead, told] = await take(peer, 2)
  return {
    run: store.run,
    urgent: [textOf(urgent!), urgent!.header('redelivered'), urgent!.header('priority')],
    odd: [[...odd!.body], odd!.header('note'), odd!.header('drover-sender')],
    rest: [late, delayed, dead, told].map(frame => textOf(frame!)),
  }
}

const expected = {
  run: 'run-of-format-1',
  urgent: ['handed out', 'true', '9'],
  odd: [[0, 255, 10], 'ä\\c\\\\\\n', 'ada'],
  rest: ['expires late', 'delayed', 'dead letter', 'told'],
}

const refusal = (open: () => unknown): string => {
  try {
    open()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('It was opened')
}

test('a file of the first format has all that was in it', async () => {
  expect(await contentOf(await copyOf('first.db'))).toEqual(expected)
})

test('a later format is made of it, with all that was in it, and leaves a copy for the version of before', async () => {
  const file = await copyOf('made-new.db')
  const later = [...formats, "ALTER TABLE entry ADD COLUMN note TEXT NOT NULL DEFAULT ''"]
  const { database, run, close } = openDatabase(file, () => 'another', later)
  expect(run).toBe(expected.run)
  expect(database.prepare('SELECT count(*) AS rows, max(note) AS note FROM entry').get()).toEqual({ rows: 6, note: '' })
  close()
  const copy = `${file}-format-${formats.length}`
  expect(refusal(() => openStore(file))).toBe(
    `${file} was written by a newer Drover, in format ${later.length}; this one reads up to ${formats.length}. Start that version, or let it end its jobs first. ${copy} is a copy of what it held before that version first opened it`,
  )
  await copyFile(copy, file)
  expect(await contentOf(file)).toEqual(expected)
})

test('a format that cannot be made leaves the file as it was', async () => {
  const file = await copyOf('not-made.db')
  const broken = [...formats, "DELETE FROM entry; INSERT INTO nowhere VALUES ('x')"]
  expect(refusal(() => openDatabase(file, () => 'another', broken))).toBe(
    `${file} is in format ${formats.length} and could not be made format ${broken.length}: no such table: nowhere. It is as it was; make room, or start the Drover that wrote it`,
  )
  expect(await contentOf(file)).toEqual(expected)
  expect((await readdir(folder)).filter(name => name.endsWith('-new'))).toEqual([])
})
