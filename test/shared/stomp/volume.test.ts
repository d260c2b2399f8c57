/**
 * 64 MiB through the readers of one connection, on every broker and by a bridge: the bound for a reader that stands still
 * must not end one that reads, nor the one beside it. Each message waits until the reader is near, since topics drop
 * messages
 * that nobody takes.
 */
import { describe, expect, test } from 'vitest'
import { type BrokerSession, connectStomp, dialects, prefetchHeaders, type Stomp } from '../../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../../shared/stomp/sockets/node.ts'
import { startBridge } from '../../support/bridges/bridges.ts'
import { isMissing } from '../../support/brokers/each.ts'
import { sharedBroker } from '../../support/brokers/shared.ts'
import { brokerNames } from '../../support/brokers/start.ts'
import { until } from '../../support/until.ts'

const body = 'x'.repeat(64 * 1024)
const topicMessages = 1024
/** 4 MiB. */
const queueMessages = 64
const maxBehind = 64

/** Sends `count` messages, as fast as the reader takes them, and waits until it has all. */
async function pass(sender: Stomp, destination: string, count: number, received: () => number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    if (sent - received() >= maxBehind) {
      await until(`the reader has ${sent - maxBehind + 1} of ${count}`, () => sent - received() < maxBehind)
    }
    const message = { destination, body }
    if (sent % 16 === 15) await sender.publish(message)
    else sender.publishUnconfirmed(message)
  }
  await until(`the reader has all ${count}`, () => received() >= count, { evidence: () => `it has ${received()}` })
}

describe.for(brokerNames)('%s', name => {
  test.skipIf(isMissing(name)).for(['direct', 'by a bridge'])(
    '64 MiB by a topic and meanwhile 4 by a queue, in ack mode auto: %s',
    async how => {
      await using stack = new AsyncDisposableStack()
      const { stompUrl } = await sharedBroker(name)
      const connect = (url: string): Stomp => stack.use(connectStomp({ url, createSocket: createNodeSocket }))
      const behind = async (): Promise<string> => {
        const { url } = stack.use(await startBridge({ broker: stompUrl }))
        return `${url.replace('http://', 'ws://foo:bar@')}/stomp`
      }
      const url = how === 'direct' ? stompUrl : await behind()
      const task = `volume.${crypto.randomUUID().slice(0, 8)}`
      const [reader, sender, answering] = [connect(url), connect(url), connect(stompUrl)]
      await Promise.all([sender.opened(), answering.opened()])
      const received = { topic: 0, queue: 0 }
      const topic = `/topic/myapp.events.${task}`
      const topicReader = {
        destination: topic,
        ack: 'auto',
        headers: ({ dialect }: BrokerSession) => dialect.topicReader,
      } as const
      await reader.subscribe(topicReader, () => void received.topic++).ready
      const replies = `/queue/myapp.reply.foo.${task.replace('.', '-')}`
      const headers = ({ dialect }: BrokerSession) => ({
        ...dialect.replyReader,
        ...prefetchHeaders(dialect, 100),
      })
      await reader.subscribe({ destination: replies, ack: 'auto', headers }, () => void received.queue++).ready
      // A bridge lets nobody write replies without a job
      const queue = replies.replace('/queue/', dialects[name].replySendPrefix)
      await Promise.all([
        pass(sender, topic, topicMessages, () => received.topic),
        pass(answering, queue, queueMessages, () => received.queue),
      ])
      expect(received).toEqual({ topic: topicMessages, queue: queueMessages })
    },
  )
})
