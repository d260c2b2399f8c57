/**
 * Jobs that were handed out and not begun: four workers of one slot, four tasks, and every queue with more than they can run. A run
 * without a death or a drain, so that each job that is published again had waited for a slot that did not come free.
 */
import * as z from 'zod'
import { defineTask } from '../shared/contract/mod.ts'
import { startMaster } from '../shared/master/node.ts'
import { connectStomp } from '../shared/stomp/mod.ts'
import { createNodeSocket } from '../shared/stomp/sockets/node.ts'
import { brokerNames, startBroker } from '../test/support/brokers/start.ts'
import { seeded } from '../test/support/random.ts'
import { implement, nodeRuntime } from '../worker/node.ts'
import { createWorker } from '../worker/worker.ts'
import { fair } from './brokers.ts'
import { table, whole } from './report.ts'

const brokers = brokerNames.filter(name => (process.env.BROKERS ?? name).split(',').includes(name))
const tasks = ['a', 'b', 'c', 'd'].map(name =>
  defineTask(`bench.${name}`, { input: z.object({ ms: z.int() }), output: z.object({}) }),
)
const workers = 4
/** How many jobs there are, and how long they take: many of up to a quarter of a second, and some of two seconds. */
const kinds = [
  { jobs: Number(process.env.JOBS ?? 1_200), from: 1, to: 250 },
  { jobs: Math.ceil(Number(process.env.JOBS ?? 1_200) / 25), from: 2_000, to: 2_000 },
]

/** Prints, for each broker, how many jobs were published again that nobody had begun. */
export async function benchHold(): Promise<void> {
  const rows = [['', 'jobs of', 'published again unstarted', 'share', 'doubts', 'seconds', 'at best']]
  for (const name of brokers) {
    await using broker = await startBroker(name, fair)
    for (const { jobs, from, to } of kinds) {
      let published = 0
      let doubts = 0
      const createSocket = (url: URL) => {
        const socket = createNodeSocket(url)
        const { send } = socket
        socket.send = data => {
          published += jobsIn(data)
          send(data)
        }
        return socket
      }
      await using stack = new AsyncDisposableStack()
      for (let n = 0; n < workers; n++) {
        stack.use(
          await createWorker(
            {
              url: broker.stompUrl,
              name: `w${n}`,
              signals: false,
              tasks: tasks.map(task =>
                implement(task, async ({ ms }) => {
                  await new Promise(resolve => setTimeout(resolve, ms))
                  return {}
                }),
              ),
              onEvent: event => void (event.type === 'job' && event.what === 'lost' && doubts++),
            },
            { ...nodeRuntime, connect: options => connectStomp({ ...options, createSocket }) },
          ),
        )
      }
      const master = stack.use(await startMaster({ url: broker.stompUrl }))
      const random = seeded(1)
      const took = Array.from({ length: jobs }, () => random.whole(from, to))
      const start = performance.now()
      await Promise.all(took.map((ms, n) => master.run(tasks[n % tasks.length]!, { ms }, { timeoutMs: 600_000 })))
      const seconds = (performance.now() - start) / 1_000
      const again = published // before they drain
      console.log(`${name}: published again unstarted: ${again} of ${jobs}`)
      rows.push([
        name,
        from === to ? `${from} ms` : `${from} to ${to} ms`,
        `${whole(again)} of ${whole(jobs)}`,
        `${((again * 100) / jobs).toFixed(1)} %`,
        whole(doubts),
        seconds.toFixed(1),
        (took.reduce((sum, ms) => sum + ms, 0) / workers / 1_000).toFixed(1),
      ])
    }
  }
  table(`Handed out and not begun: ${workers} workers of one slot, ${tasks.length} tasks, full queues`, rows)
}

/** Jobs that a worker sends: in a run in which none fails, those that it had not begun. */
function jobsIn(data: unknown): number {
  const text = typeof data === 'string' ? data : new TextDecoder().decode(data as Uint8Array)
  const isJob = (frame: string): boolean =>
    /^\s*SEND\n/.test(frame) && frame.includes('destination:/queue/myapp.tasks.')
  return text.split('\0').filter(isJob).length
}
