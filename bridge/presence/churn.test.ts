/** Sessions that come, go and subscribe as they like, before a broker that comes and goes. Design section 5.11. */
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SessionPresence } from './session-presence.ts'
import { beat, type PresenceTest, setUp, textOf } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const bounds = { maxTopics: 3, maxWorkers: 8, maxCharacters: 100_000 }

/** A page, as far as it reads presence: it subscribes again when it is told so. */
class Page {
  /** By id of the subscription: where it is, and who answers it. */
  readonly open = new Map<string, { readonly destination: string; by: 'nobody' | 'bridge' | 'broker' }>()
  readonly receipts: string[] = []
  readonly #session: SessionPresence
  #ids = 0

  constructor({ presence }: PresenceTest) {
    this.#session = new SessionPresence({
      namespace: 'myapp',
      version: '1.2',
      presence,
      isFull: () => false,
      send: frame => this.#told(textOf(frame)),
      toBroker: bytes => this.#by(textOf(bytes), 'broker'),
      confirm: receipt => void (receipt !== undefined && this.receipts.push(receipt)),
    })
  }

  subscribe(destination: string): void {
    const id = String(++this.#ids)
    this.open.set(id, { destination, by: 'nobody' })
    this.#session.subscribe({ id, destination, receipt: id, bytes: new TextEncoder().encode(id) })
  }

  unsubscribe(id: string): void {
    const by = this.open.get(id)?.by
    this.open.delete(id)
    // One that was answered by nobody yet is the bridge's to end
    expect(this.#session.unsubscribe(id, undefined)).toBe(by !== 'broker')
  }

  end(): void {
    this.open.clear()
    this.#session.end()
  }

  #by(id: string, by: 'bridge' | 'broker'): void {
    const subscription = this.open.get(id)
    expect(subscription, `a word for ${id}, which is not open`).toBeDefined()
    subscription!.by = by
  }

  #told(text: string): void {
    const id = /subscription:(\d+)/.exec(text)![1]!
    if (!text.includes('"ended":true')) {
      this.#by(id, 'bridge')
      return
    }
    const { destination } = this.open.get(id)!
    // As a page does: later, and the old one first
    queueMicrotask(() => {
      if (!this.open.has(id)) return
      this.unsubscribe(id)
      this.subscribe(destination)
    })
  }
}

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(
      'subscribe',
      'subscribe',
      'subscribe',
      'unsubscribe',
      'end',
      'cut',
      'refuse',
      'mute',
      'well',
      'beat',
      'beat',
    ),
    which: fc.nat(3),
    n: fc.nat(11),
    afterMs: fc.constantFrom(0, 0, 20, 700, 5_000, 31_000),
  }),
  { minLength: 5, maxLength: 40 },
)

test('whatever comes and goes, each page is told by one of both, by the bridge in the end, and nothing stays behind', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async plan => {
      let answers: boolean | undefined = true
      const bridge = setUp({ answer: () => answers, bounds })
      const { presence, sinks, closed } = bridge
      const passTime = async (ms: number): Promise<void> => {
        await vi.advanceTimersByTimeAsync(ms % 500)
        for (let passed = 500; passed <= ms; passed += 500) {
          await vi.advanceTimersByTimeAsync(500)
          sinks.at(-1)?.bytes(Uint8Array.of(10)) // its heart-beat
          presence.tick(500)
        }
      }
      let pages: Page[] = []
      for (const { what, which, n, afterMs } of plan) {
        const page = pages[which] ?? new Page(bridge)
        if (pages[which] === undefined) pages.push(page)
        if (what === 'subscribe') page.subscribe(`/topic/myapp.workers.${'abcd'[n % 4]}`)
        if (what === 'unsubscribe') for (const id of [...page.open.keys()].slice(0, 1)) page.unsubscribe(id)
        if (what === 'end') {
          page.end()
          pages = pages.filter(one => one !== page)
        }
        if (what === 'cut') sinks.at(-1)?.closed(new Error('cut'))
        if (what === 'refuse') answers = false
        if (what === 'mute') answers = undefined
        if (what === 'well') answers = true
        // Of any topic, at times of more workers than are kept
        if (what === 'beat') for (let id = 1; id < 20; id++) bridge.say(beat(`w${n}`), String(id))
        await passTime(afterMs)
      }
      answers = true
      await passTime(200_000)
      const topics = new Set(pages.flatMap(({ open }) => [...open.values()].map(({ destination }) => destination)))
      const by = pages.flatMap(({ open }) => [...open.values()].map(one => one.by))
      if (topics.size <= bounds.maxTopics) expect(by.filter(one => one !== 'bridge')).toEqual([])
      else expect(by).not.toContain('nobody')
      for (const { receipts } of pages) expect(new Set(receipts).size).toBe(receipts.length)
      for (const page of pages) page.end()
      await passTime(31_000)
      expect([presence.topics, closed.length, vi.getTimerCount()]).toEqual([0, sinks.length, 0])
    }),
    { numRuns: 50 },
  )
})
