/**
 * A storm of jobs that end their workers, in one process and on time that tests move: workers as they are, the embedded broker,
 * and between them connections whose bytes take a while. The events and their times are drawn from the seed.
 */
import { vi } from 'vitest'
import * as z from 'zod'
import { createEmbeddedBroker, type EmbeddedBroker } from '../../broker/broker.ts'
import { openPeer, textOf } from '../../broker/testing.ts'
import { systemClock } from '../../shared/clock.ts'
import type { ByteLink } from '../../shared/frames/byte-link.ts'
import { connectStomp, type StompSocket } from '../../shared/stomp/mod.ts'
import { defineTask, implement } from '../../worker/node.ts'
import { createWorker } from '../../worker/worker.ts'
import { type Random, seeded } from '../support/random.ts'

export interface PoisonStorm {
  readonly seed: number
  readonly jobs: number
  /** How many of them end their worker. */
  readonly poison: number
  readonly workers: number
  readonly concurrency: number
  readonly tasks: number
  /** Of a worker that nobody told to end, how often in a second. */
  readonly killsPerSecond: number
  /** Workers take the broker for RabbitMQ, where no subscription may close before the end. */
  readonly keepsSubscriptions: boolean
  /** Between two dispatches. */
  readonly everyMs: number
}

export interface PoisonReport {
  /** Begun runs of each job that is dead. */
  readonly dead: ReadonlyMap<string, number>
  readonly innocentDead: readonly string[]
  readonly poisonRuns: readonly number[]
  /** Deaths that were counted as certain, of runs that had not begun. */
  readonly wronglyCertain: number
  /** Jobs that came to no end. */
  readonly open: readonly string[]
  readonly deaths: number
  readonly tookMs: number
}

const longestRunMs = 200
const restartMs = 500
const longestStormMs = 2 * 60_000

export async function poisonStorm(storm: PoisonStorm): Promise<PoisonReport> {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  const random = seeded(storm.seed)
  const broker = createEmbeddedBroker()
  try {
    return await rage(storm, random, broker)
  } finally {
    vi.clearAllTimers()
    vi.useRealTimers()
    await broker.close()
  }
}

async function rage(storm: PoisonStorm, random: Random, broker: EmbeddedBroker): Promise<PoisonReport> {
  const names = Array.from({ length: storm.tasks }, (_, at) => `storm.t${at}`)
  const begun = new Map<string, number>()
  const begunAlone = new Map<string, number>()
  const certain = new Map<string, number>()
  const dead = new Map<string, number>()
  const open = new Set<string>()
  const isPoison = new Set<string>()
  let deaths = 0
  const crew = new Set<Mortal>()
  const hire = (): void => {
    const mortal = new Mortal(broker, random, names, storm, {
      began(id, losses) {
        begun.set(id, (begun.get(id) ?? 0) + 1)
        if (losses >= 2) begunAlone.set(id, (begunAlone.get(id) ?? 0) + 1)
      },
      sent(text) {
        for (const frame of text.split('\0')) {
          const id = /"request_id":"([^"]+)"/.exec(frame)?.[1]
          const alone = /"alone":(\d+)/.exec(frame)?.[1]
          if (id !== undefined && alone !== undefined) certain.set(id, Math.max(certain.get(id) ?? 0, Number(alone)))
        }
      },
      died() {
        deaths++
        crew.delete(mortal)
        setTimeout(hire, random.whole(restartMs / 2, restartMs))
      },
    })
    crew.add(mortal)
  }
  const master = await openPeer(broker)
  master.send('SUBSCRIBE', { id: 'r', destination: '/queue/myapp.reply.foo.m', ack: 'auto' })
  master.send('SUBSCRIBE', { id: 'd', destination: '/queue/myapp.dead', ack: 'auto' })
  for (let at = 0; at < storm.jobs; at++) {
    const id = `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
    open.add(id)
    const deadly = Math.floor((at * storm.poison) / storm.jobs) !== Math.floor(((at + 1) * storm.poison) / storm.jobs)
    if (deadly) isPoison.add(id)
    const task = random.pick(names)
    const body = JSON.stringify({ v: 1, request_id: id, task, input: { ms: random.whole(1, longestRunMs), deadly } })
    const headers = {
      destination: `/queue/myapp.tasks.${task}`,
      'reply-to': '/queue/myapp.reply.foo.m',
      'correlation-id': id,
    }
    setTimeout(() => master.send('SEND', headers, body), at * storm.everyMs)
  }
  for (let at = 0; at < storm.workers; at++) hire()
  let ms = 0
  for (; ms < longestStormMs && open.size > 0; ms++) {
    await vi.advanceTimersByTimeAsync(1)
    if (random.whole(1, 100_000) <= storm.killsPerSecond * 100) random.pick([...crew, undefined])?.die()
    for (const frame of master.frames.splice(0)) {
      if (frame.command !== 'MESSAGE') continue
      const body = JSON.parse(textOf(frame)) as { request_id: string; type?: string }
      if (frame.header('destination') === '/queue/myapp.dead')
        dead.set(body.request_id, begun.get(body.request_id) ?? 0)
      if (body.type === 'result' || body.type === 'error') open.delete(body.request_id)
    }
  }
  for (const mortal of crew) mortal.die()
  return {
    dead,
    innocentDead: [...dead.keys()].filter(id => !isPoison.has(id)),
    poisonRuns: [...dead].filter(([id]) => isPoison.has(id)).map(([, runs]) => runs),
    wronglyCertain: [...certain].reduce(
      (sum, [id, deaths]) => sum + Math.max(0, deaths - (begunAlone.get(id) ?? 0)),
      0,
    ),
    open: [...open],
    deaths,
    tookMs: ms,
  }
}

/** A worker that can die at any moment: nothing more leaves it then, and frames on their way still arrive. */
class Mortal {
  #isDead = false
  readonly #sent: (text: string) => void
  readonly #links = new Set<ByteLink>()
  readonly #died: () => void

  constructor(
    broker: EmbeddedBroker,
    random: Random,
    names: readonly string[],
    { concurrency, keepsSubscriptions }: PoisonStorm,
    { began, sent, died }: { began(id: string, losses: number): void; sent(text: string): void; died(): void },
  ) {
    this.#died = died
    this.#sent = sent
    const input = z.object({ ms: z.number(), deadly: z.boolean() })
    const tasks = names.map(name =>
      implement(defineTask(name, { input }), async ({ ms, deadly }, job) => {
        if (this.#isDead) return
        began(job.request_id, job.losses)
        await new Promise(resolve => setTimeout(resolve, ms))
        if (deadly) this.die()
      }),
    )
    void createWorker(
      { url: 'stomp://foo:bar@localhost', tasks, concurrency, signals: false, surviveUncaughtErrors: false },
      {
        host: 'box',
        version: 'node 24',
        connect: options =>
          connectStomp({ ...options, createSocket: () => this.#socket(broker, random, keepsSubscriptions) }),
        onShutdown: () => () => {},
        clock: systemClock,
        newId: () => crypto.randomUUID(),
        random: Math.random,
        written: () => new Promise(resolve => setTimeout(resolve, 0)),
        onUncaughtError: () => () => {},
      },
    ).catch(() => {})
  }

  die(): void {
    if (this.#isDead) return
    this.#isDead = true
    for (const link of this.#links) link.close()
    this.#died()
  }

  #socket(broker: EmbeddedBroker, random: Random, keepsSubscriptions: boolean): StompSocket {
    let readyState = 0
    let link: ByteLink | undefined
    const down = inOrder(random)
    const up = inOrder(random)
    const socket: StompSocket = {
      url: 'stomp://localhost',
      onopen: null,
      onmessage: null,
      onerror: null,
      onclose: null,
      get readyState() {
        return readyState
      },
      send: data => {
        if (this.#isDead) return
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data as Uint8Array<ArrayBuffer>)
        this.#sent(text)
        const bytes = new TextEncoder().encode(text.replaceAll('/amq/queue/', '/queue/'))
        up(() => link?.send(bytes))
      },
      close: () => link?.close(),
      terminate: () => link?.close(),
    }
    if (this.#isDead) return socket
    void broker
      .connect({
        bytes: chunk =>
          down(() => {
            const text = new TextDecoder().decode(chunk)
            const data = keepsSubscriptions ? text.replace(/^server:.*$/m, 'server:RabbitMQ/3.10.8') : text
            if (!this.#isDead) socket.onmessage?.({ data })
          }),
        drained() {},
        closed: () => {
          readyState = 3
          if (!this.#isDead) socket.onclose?.()
        },
      })
      .then(opened => {
        link = opened
        // All output leaves before the end does
        this.#links.add({ ...opened, close: () => up(() => opened.close()) } as ByteLink)
        readyState = 1
        if (!this.#isDead) socket.onopen?.()
      })
    return socket
  }
}

/** Calls things later, in the order in which they came. */
function inOrder(random: Random): (act: () => void) => void {
  let last = 0
  return act => {
    const at = Math.max(last, Date.now() + random.whole(0, 3))
    last = at
    setTimeout(act, at - Date.now())
  }
}
