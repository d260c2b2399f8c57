/** The embedded broker with a store, as a process that is killed at any instant of its work. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startBroker } from '../support/brokers/start.ts'
import { connectRaw, type RawStomp } from '../support/raw-stomp.ts'
import { within } from '../support/until.ts'

const [jobs, outcomes] = ['/queue/myapp.tasks.kills', '/queue/myapp.outcomes']
/** Each takes the start of a process. `KILLS=500 npx vitest run test/broker/store-kills.test.ts` tries more instants, and counts. */
const kills = Number(process.env.KILLS ?? 12)
const timeout = Math.max(60_000, kills * 6_000)

/** The RECEIPTs that the peers had, over all lives of the broker. */
class Ledger {
  readonly sent = new Set<string>()
  readonly done = new Set<string>()
  readonly consumed = new Set<string>()
  /** Their ACK was sent, and may have been carried out without a word. */
  readonly taken = new Set<string>()
  readonly faults: string[] = []
  #left = 0
  #reached = (): void => {}

  /** Resolves once so many RECEIPTs more have come. */
  after(receipts: number): Promise<void> {
    this.#left = receipts
    return new Promise(resolve => {
      this.#reached = resolve
    })
  }

  confirmed(how: Set<string>, body: string): void {
    how.add(body)
    if (--this.#left === 0) this.#reached()
  }

  cameBack(place: string, body: string): void {
    if (this.done.has(body) && place === jobs) this.faults.push(`${body} came back, though its COMMIT was confirmed`)
    if (this.consumed.has(body) && place === outcomes)
      this.faults.push(`${body} came back, though its ACK was confirmed`)
  }
}

let last = 0

/** Until the broker is gone. */
const untilGone = async (work: () => Promise<void>): Promise<void> => {
  try {
    for (;;) await work()
  } catch (error) {
    if (!/closed|ended|ECONN|EPIPE|not open|gone/i.test(String(error))) throw error
  }
}

async function sends(stomp: RawStomp, ledger: Ledger): Promise<void> {
  const body = `job ${++last}`
  const delay = last % 10 === 0 ? { AMQ_SCHEDULED_DELAY: 30 } : {}
  await stomp.confirmed('SEND', { destination: jobs, ...delay }, body)
  ledger.confirmed(ledger.sent, body)
}

/** Moves a job to the outcomes, in one transaction. */
async function moves(stomp: RawStomp, ledger: Ledger): Promise<void> {
  const message = await stomp.next()
  ledger.cameBack(jobs, message.body)
  const transaction = message.headers['message-id']!
  stomp.send('BEGIN', { transaction })
  stomp.send('SEND', { destination: outcomes, transaction }, message.body)
  stomp.ack(message, { transaction })
  await stomp.confirmed('COMMIT', { transaction })
  ledger.confirmed(ledger.done, message.body)
}

async function consumes(stomp: RawStomp, ledger: Ledger): Promise<void> {
  const message = await stomp.next()
  ledger.cameBack(outcomes, message.body)
  ledger.taken.add(message.body)
  await stomp.confirmed('ACK', { id: message.headers.ack! })
  ledger.confirmed(ledger.consumed, message.body)
}

/** All that waits, taken out. */
async function drain(url: string, destination: string): Promise<string[]> {
  await using stomp = await connectRaw(url)
  await stomp.subscribe(destination, { ack: 'client-individual', 'prefetch-count': 100_000 })
  const bodies: string[] = []
  // Comes behind all that waited
  await stomp.confirmed('SEND', { destination, persistent: 'false', priority: 0 }, 'end')
  for (;;) {
    const message = await stomp.next()
    if (message.body === 'end') return bodies
    bodies.push(message.body)
  }
}

test('killed at any instant under load, it loses nothing that it confirmed, and nothing acknowledged comes back', {
  timeout,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-kills-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const broker = stack.use(await startBroker('embedded', { env: { DATA: join(folder, 'drover.db') } }))
  const ledger = new Ledger()
  for (let kill = 0; kill < kills; kill++) {
    const peers = await Promise.all(Array.from({ length: 6 }, () => connectRaw(broker.stompUrl)))
    const [one, two, three, worker, other, reader] = peers as [
      RawStomp,
      RawStomp,
      RawStomp,
      RawStomp,
      RawStomp,
      RawStomp,
    ]
    const isDue = ledger.after(1 + Math.floor(Math.random() * 60))
    const reading = { ack: 'client-individual', 'prefetch-count': 5 }
    const work = [
      ...[one, two, three].map(stomp => untilGone(() => sends(stomp, ledger))),
      ...[worker, other].map(async stomp => {
        await stomp.subscribe(jobs, reading).catch(() => {})
        await untilGone(() => moves(stomp, ledger))
      }),
      reader
        .subscribe(outcomes, reading)
        .catch(() => {})
        .then(() => untilGone(() => consumes(reader, ledger))),
    ]
    await within('they had RECEIPTs', isDue)
    await wait(Math.random() * 3)
    await broker.kill()
    await within('all peers have noticed', Promise.all(work))
    await Promise.all(peers.map(peer => peer[Symbol.asyncDispose]()))
    await broker.restart()
  }
  await wait(50) // the delay of the last ones
  const [waiting, ended] = [await drain(broker.stompUrl, jobs), await drain(broker.stompUrl, outcomes)]
  const there = new Set([...waiting, ...ended, ...ledger.taken])
  const lost = [...ledger.sent].filter(body => !there.has(body))
  const again = waiting.filter(body => ledger.done.has(body))
  if (process.env.KILLS !== undefined)
    console.log(`${kills} kills: ${ledger.sent.size} sent, ${ledger.done.size} moved`)
  const evidence = `of ${ledger.sent.size} sent, ${ledger.done.size} moved, ${ledger.consumed.size} consumed\n${broker.log().slice(-1000)}`
  expect({ lost, again, faults: ledger.faults }, evidence).toEqual({ lost: [], again: [], faults: [] })
  expect(Math.min(ledger.sent.size, ledger.done.size, ledger.consumed.size), evidence).toBeGreaterThan(kills)
})

test('after a kill delays, durable subscriptions and marks are as they were, and an open transaction is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-kills-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const broker = stack.use(await startBroker('embedded', { env: { DATA: join(folder, 'drover.db') } }))
  const topic = '/topic/myapp.events.kills'
  const durable = { id: 'd', durable: 'true', ack: 'client' }
  {
    await using reader = await connectRaw(broker.stompUrl, { 'client-id': 'c' })
    await reader.subscribe(topic, durable)
    await reader.disconnect()
    await using sender = await connectRaw(broker.stompUrl)
    await sender.confirmed('SEND', { destination: topic }, 'told')
    await sender.confirmed('SEND', { destination: jobs, AMQ_SCHEDULED_DELAY: 400 }, 'delayed')
    await sender.confirmed('SEND', { destination: jobs, persistent: 'false' }, 'forgotten')
    await sender.confirmed('SEND', { destination: jobs, priority: 9 }, 'handed out')
    await sender.confirmed('SEND', { destination: jobs }, 'waits')
    await sender.subscribe(jobs, { ack: 'client-individual', 'prefetch-count': 1 })
    const message = await sender.next()
    await sender.confirmed('BEGIN', { transaction: 't' })
    await sender.confirmed('SEND', { destination: jobs, transaction: 't' }, 'not committed')
    await sender.confirmed('ACK', { id: message.headers.ack!, transaction: 't' })
    await sender.confirmed('SEND', { destination: outcomes }, 'later than the mark')
    await broker.kill()
  }
  await broker.restart()
  await using reader = await connectRaw(broker.stompUrl, { 'client-id': 'c' })
  await reader.subscribe(topic, durable)
  expect((await reader.next()).body).toBe('told')
  await reader.subscribe(jobs, { id: 'jobs', ack: 'client-individual', 'prefetch-count': 9 })
  const again = [await reader.next(), await reader.next(), await reader.next()]
  expect(again.map(({ body, headers }) => [body, headers.redelivered])).toEqual([
    ['handed out', 'true'],
    ['waits', undefined],
    ['delayed', undefined],
  ])
})
