/** The embedded broker beside ActiveMQ Classic, each by TCP in a process of its own, by turns. */
import { startBroker, type TestBroker } from '../test/support/brokers/start.ts'
import { fair } from './brokers.ts'
import { acknowledge, openSession, sendFrame, subscribe, throughput } from './load.ts'
import { median, ratio, table, whole } from './report.ts'

const rounds = Number(process.env.ROUNDS ?? 5)
const messages = Number(process.env.MESSAGES ?? 40_000)
const user = { login: 'foo', passcode: 'bar' }

const cases = {
  'topic, one reader': { destination: '/topic/myapp.workers.bench', ack: 'auto' },
  'queue, auto': { destination: '/queue/myapp.tasks.bench', ack: 'auto' },
  'queue, client-individual': { destination: '/queue/myapp.tasks.bench', ack: 'client-individual' },
} as const

async function measure(
  broker: TestBroker,
  { destination, ack }: { destination: string; ack: string },
): Promise<number> {
  const sender = await openSession(broker.stompUrl, user)
  const reader = await openSession(broker.stompUrl, user)
  await subscribe(reader, destination, { ack, 'activemq.prefetchSize': '1000', 'prefetch-count': '1000' })
  const frame = sendFrame(destination, 256, { persistent: 'false' })
  const acks = ack === 'auto' ? undefined : acknowledge(bytes => reader.send(bytes))
  await throughput(sender, reader, frame, { messages: messages / 4, acks })
  const { messagesASecond } = await throughput(sender, reader, frame, { messages, acks })
  sender.close()
  reader.close()
  return messagesASecond
}

export async function benchEmbedded(): Promise<void> {
  await using classic = await startBroker('classic', fair)
  await using embedded = await startBroker('embedded')
  const rows = [['', 'Classic messages/s', 'embedded messages/s', 'ratio']]
  for (const [name, one] of Object.entries(cases)) {
    const figures = { classic: [] as number[], embedded: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      figures.classic.push(await measure(classic, one))
      figures.embedded.push(await measure(embedded, one))
    }
    const ratios = figures.embedded.map((figure, round) => figure / figures.classic[round]!)
    rows.push([name, whole(median(figures.classic)), whole(median(figures.embedded)), ratio(median(ratios))])
  }
  table(`The embedded broker beside ActiveMQ Classic: 256 B, not persistent, by TCP, median of ${rounds} rounds`, rows)
}
