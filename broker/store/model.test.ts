/**
 * Peers send, acknowledge, refuse and commit in any order, while the disk stands still or fails, and the power is lost after
 * each step: a process that starts then has all that was confirmed, and nothing that was confirmed as done.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createEmbeddedBroker } from '../broker.ts'
import { ManualClock, openPeer, type Peer, settled, textOf } from '../testing.ts'
import { FakeDisk } from './testing.ts'

const queue = '/queue/myapp.tasks.t'
const steps = [
  'send',
  'send',
  'send',
  'ack',
  'nack',
  'move',
  'leave',
  'stand still',
  'go on',
  'fail',
  'fail late',
  'mend',
  'tick',
]
const step = fc.constantFrom(...steps)

class World {
  readonly disk = new FakeDisk()
  readonly clock = new ManualClock()
  readonly broker = createEmbeddedBroker({ store: this.disk, clock: this.clock })
  readonly confirmed = new Set<string>()
  readonly done = new Set<string>()
  /** How often an ACK of it was sent, with an answer or without: it comes back where its session was refused. */
  readonly touched = new Map<string, number>()
  /** Of a COMMIT: the message that it acknowledges, and the one that it sends. */
  readonly moves: [string, string][] = []
  #last = 0
  #hand: { readonly id: string; readonly body: string }[] = []
  #waiting = new Map<string, () => void>()
  #reader: Peer | undefined
  #sender: Peer | undefined

  async take(what: string): Promise<void> {
    const body = `m${++this.#last}`
    switch (what) {
      case 'send': {
        this.#sender ??= await openPeer(this.broker)
        this.#ask(this.#sender, 'SEND', { destination: queue }, body, () => this.confirmed.add(body))
        break
      }
      case 'ack':
      case 'nack':
      case 'move':
        await this.#settle(what, body)
        break
      case 'leave':
        this.#reader?.link.close()
        this.#reader = undefined
        this.#hand = []
        break
      case 'stand still':
        this.disk.standStill()
        break
      case 'go on':
        this.disk.goOn()
        break
      case 'tick':
        this.clock.advance(1_000)
        break
      default:
        this.disk.failure = what === 'mend' ? undefined : new Error('disk I/O error')
        this.disk.isThereAnyway = what === 'fail late'
    }
    await settled()
    this.#read()
  }

  async #settle(what: string, copy: string): Promise<void> {
    if (this.#reader === undefined) {
      this.#reader = await openPeer(this.broker)
      this.#reader.send('SUBSCRIBE', { id: 's', destination: queue, ack: 'client-individual', 'prefetch-count': '3' })
      await settled()
      this.#read()
    }
    const one = this.#hand.shift()
    if (one === undefined) return
    if (what === 'nack') {
      this.#ask(this.#reader, 'NACK', { id: one.id }, '', () => {})
      return
    }
    this.touched.set(one.body, (this.touched.get(one.body) ?? 0) + 1)
    const isDone = (): void => void this.done.add(one.body)
    if (what === 'ack') {
      this.#ask(this.#reader, 'ACK', { id: one.id }, '', isDone)
      return
    }
    this.moves.push([one.body, copy])
    this.#reader.send('BEGIN', { transaction: copy })
    this.#reader.send('ACK', { id: one.id, transaction: copy })
    this.#reader.send('SEND', { destination: queue, transaction: copy }, copy)
    this.#ask(this.#reader, 'COMMIT', { transaction: copy }, '', () => {
      isDone()
      this.confirmed.add(copy)
    })
  }

  #ask(peer: Peer, command: string, headers: Record<string, string>, body: string, confirmed: () => void): void {
    const receipt = `r${this.#waiting.size}`
    this.#waiting.set(receipt, confirmed)
    peer.send(command, { ...headers, receipt, 'on-full': 'receipt' }, body)
  }

  #read(): void {
    for (const peer of [this.#sender, this.#reader]) {
      for (const frame of peer?.frames.splice(0) ?? []) {
        if (frame.command === 'MESSAGE') this.#hand.push({ id: frame.header('ack')!, body: textOf(frame) })
        else if (frame.command === 'RECEIPT' && frame.header('drover-code') === undefined)
          this.#waiting.get(frame.header('receipt-id')!)!()
        else if (frame.command === 'ERROR' && peer === this.#sender) this.#sender = undefined
        else if (frame.command === 'ERROR') {
          this.#reader = undefined
          this.#hand = []
        }
      }
    }
  }

  /** The bodies that another process has. */
  async afterPowerLoss(): Promise<string[]> {
    await using broker = createEmbeddedBroker({ store: this.disk.afterPowerLoss(), clock: this.clock })
    const peer = await openPeer(broker)
    peer.send('SUBSCRIBE', { id: 's', destination: queue, 'prefetch-count': '1000' })
    await settled()
    return peer.frames.map(textOf)
  }
}

test('however the disk fails, a process that starts after a loss of power has all that was confirmed, and COMMITs whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async plan => {
      const world = new World()
      for (const what of plan) {
        await world.take(what)
        const there = await world.afterPowerLoss()
        const lost = [...world.confirmed].filter(body => !world.touched.has(body) && !there.includes(body))
        const again = [...world.done].filter(body => there.includes(body))
        const twice = there.filter((body, at) => there.indexOf(body) !== at)
        const torn = world.moves.filter(([from, to]) => {
          const count = Number(there.includes(from)) + Number(there.includes(to))
          const isOnlyTouch = world.touched.get(from) === 1 && !world.touched.has(to)
          return count === 2 || (count === 0 && world.confirmed.has(from) && isOnlyTouch)
        })
        expect({ lost, again, twice, torn }).toEqual({ lost: [], again: [], twice: [], torn: [] })
      }
      // All that memory has, the disk has in the end, and no more
      world.disk.goOn()
      await world.take('mend')
      for (let n = 0; n < 3; n++) await world.take('tick')
      const [now] = world.broker.stats().queues
      expect((await world.afterPowerLoss()).length).toBe(now === undefined ? 0 : now.waiting + now.pending)
      await world.broker.close()
    }),
    { numRuns: 200 },
  )
})
