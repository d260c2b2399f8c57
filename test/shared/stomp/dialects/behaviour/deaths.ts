/**
 * Many readers that die at once, in the middle of the messages of topics. Each death is a chance for a broker to lose hold
 * of the reader's deliveries: Artemis, spoken to in STOMP 1.2, does so about once in 60.
 */
import { expect, test } from 'vitest'
import { prefetchHeaders } from '../../../../../shared/stomp/dialects/mod.ts'
import { unique } from '../../../../support/brokers/shared.ts'
import type { Kit } from './kit.ts'

const readers = 16
const beats = 30

export function deaths({ open, dialect }: Kit): void {
  const oneByOne = { ack: 'client-individual', ...prefetchHeaders(dialect, 1) }

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'the deliveries of 16 readers that died at once are handed out again: time %i',
    async () => {
      const [queue, topic, other] = [
        `/queue/${unique('deaths')}`,
        `/topic/${unique('beats')}`,
        `/topic/${unique('quiet')}`,
      ]
      await using survivor = await open()
      await using stack = new AsyncDisposableStack()
      const dying = await Promise.all(
        Array.from({ length: readers }, async () => {
          const reader = stack.use(await open())
          await reader.subscribe(topic, { ack: 'auto', ...dialect.topicReader })
          await reader.subscribe(other, { ack: 'auto', ...dialect.topicReader })
          await reader.subscribe(queue, oneByOne)
          return reader
        }),
      )
      const bodies = dying.map((_, index) => `${index}`)
      for (const body of bodies) await survivor.confirmed('SEND', { destination: queue, persistent: 'true' }, body)
      await Promise.all(dying.map(reader => reader.next({ headers: { subscription: queue } })))
      for (let beat = 0; beat < beats; beat++) survivor.send('SEND', { destination: topic }, 'beat')
      await survivor.confirmed('SEND', { destination: topic }, 'beat')
      await stack.disposeAsync()
      await survivor.subscribe(queue)
      const seen: string[] = []
      while (seen.length < readers) seen.push((await survivor.next()).body)
      expect(seen.sort()).toEqual(bodies.sort())
    },
  )
}
