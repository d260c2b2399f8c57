/**
 * The frames of today's parts, read as the first recorded version read them: by its schemas. It ignores and counts a
 * message that it has no schema for, and leaves out members that it does not know. Both are named here, as in
 * docs/protocol.md.
 */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readDestination } from '../../shared/stomp/mod.ts'
import { startBroker } from '../support/brokers/start.ts'
import schemasThen from './first/schemas.json' with { type: 'json' }
import { here } from './parts/parts.ts'
import { scenarios } from './scenarios.ts'
import { startTestBed } from './test-bed.ts'

type Schema = Parameters<typeof z.fromJSONSchema>[0] & { properties?: object }
const { job, events, ...byType } = schemasThen as unknown as Record<'job' | 'events', Schema> &
  Record<'replies' | 'control' | 'presence', Record<string, Schema>>

/** By the purpose of a destination. */
function schemaOf(destination: string, type: string): Schema | undefined {
  const kind = readDestination('myapp', destination.replace(/^\/amq/, ''))?.kind
  if (kind === 'job' || kind === 'dead') return job
  if (kind === 'events')
    return ((events.properties as Record<string, { enum: string[] }>).type?.enum.includes(type) && events) || undefined
  if (kind === 'reply') return byType.replies[type]
  return kind === 'control' || kind === 'presence' ? byType[kind][type] : undefined
}

const played = ['start', 'queued', 'broadcast', 'retried', 'failed', 'rejected', 'cancelled', 'lost', 'buried', 'drain']

test('the first version reads it all, but for types and members that it is to ignore', async () => {
  await using broker = await startBroker('embedded')
  await using testBed = await startTestBed(here, broker.stompUrl, false)
  for (const scenario of played) await scenarios[scenario]!(testBed)
  const [unread, types, members] = [new Set<string>(), new Set<string>(), new Set<string>()]
  for (const { bytes, way } of testBed.told) {
    const text = new TextDecoder().decode(bytes)
    if (way !== 'says' || !text.startsWith('SEND\n')) continue
    const destination = /^destination:(.*)$/m.exec(text)?.[1] ?? ''
    const body = JSON.parse(text.slice(text.indexOf('\n\n') + 2, -1)) as Record<string, unknown>
    expect(body.v ?? 1).toBe(1)
    const schema = schemaOf(destination, String(body.type))
    if (schema === undefined) {
      types.add(String(body.type))
      continue
    }
    const { error } = z.fromJSONSchema(schema).safeParse(body)
    if (error !== undefined) unread.add(`${destination} ${z.prettifyError(error)} ${JSON.stringify(body)}`)
    for (const name of Object.keys(body)) {
      if (!Object.hasOwn(schema.properties ?? {}, name)) members.add(`${body.type ?? 'job'}.${name}`)
    }
  }
  expect([...unread]).toEqual([])
  expect([...types]).toEqual(['fence'])
  // Of dead letters: error, worker_id and at, as then
  expect([...members].sort()).toEqual([
    'announce.attempts',
    'announce.connection',
    'cancel.keep_ms',
    'error.losses',
    'job.alone',
    'job.at',
    'job.error',
    'job.handed_back',
    'job.history',
    'job.worker_id',
  ])
})
