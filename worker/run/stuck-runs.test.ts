import { expect, test } from 'vitest'
import * as z from 'zod'
import { defineTask } from '../../shared/contract/mod.ts'
import { implement } from '../implement.ts'
import { fakeRuntime, fakeStomp } from '../testing.ts'
import { createWorker } from '../worker.ts'
import { StuckRuns } from './stuck-runs.ts'

const run = (requestId: string) => ({ requestId, task: 'a' })

test('StuckRuns frees slots up to its limit, says when there are too many, and counts a run until it has returned', async () => {
  const problems: string[] = []
  const counts: number[] = []
  const stuck = new StuckRuns({ limit: 1, problem: message => void problems.push(message) })
  const changed = (): void => void counts.push(stuck.count)
  const first = Promise.withResolvers<void>()
  const second = Promise.withResolvers<void>()
  expect(stuck.add(run('x'), first.promise, changed)).toBe(true)
  expect(stuck.add(run('y'), second.promise, changed)).toBe(false)
  expect(problems).toEqual([
    'Job x: task "a" does not heed its signal; its slot is free, and its code goes on (1 run of this worker is stuck)',
    'Job y: task "a" does not heed its signal; it holds its slot: 2 runs of this worker are stuck, so restart it, and have the task heed job.signal or isolate it',
  ])
  first.resolve()
  await first.promise
  expect(stuck.count).toBe(1)
  expect(stuck.add(run('z'), Promise.resolve(), changed)).toBe(false)
  second.resolve()
  await second.promise
  expect(stuck.count).toBe(0)
  expect(counts).toEqual([1, 2, 1, 2, 1, 0])
})

test('beside a stuck run no more of its task begin than may run at once, and the other tasks go on', async () => {
  const stomp = fakeStomp()
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const run = async (input: string): Promise<void> => {
    const gate = Promise.withResolvers<void>()
    gates.set(input, gate)
    await gate.promise
  }
  const ofTask = (name: string) => defineTask(name, { input: z.string() })
  const tasks = [implement(ofTask('a'), run, { concurrency: 1 }), implement(ofTask('b'), run)]
  const options = { url: 'stomp://localhost', concurrency: 2, limits: { stopGraceMs: 10 } }
  await using worker = await createWorker({ ...options, tasks }, fakeRuntime(stomp))
  const deliver = (task: string, input: string, more: object = {}): void => {
    const destination = `/queue/myapp.tasks.${task}`
    const body = JSON.stringify({ request_id: crypto.randomUUID(), task, input, ...more })
    stomp.readers.get(destination)!({ headers: {}, body, destination, ack() {} })
  }
  const sent = () => stomp.sent.map(({ destination, body }) => [destination, JSON.parse(body).input])
  const deaf = crypto.randomUUID()
  deliver('a', 'deaf', { request_id: deaf })
  await expect.poll(() => gates.has('deaf')).toBe(true)
  const destination = '/topic/myapp.control.a'
  const body = JSON.stringify({ type: 'cancel', request_id: deaf })
  stomp.readers.get(destination)!({ headers: {}, body, destination, ack() {} })
  await expect.poll(() => worker.stats).toMatchObject({ stuck: 1, active: 0 })
  deliver('a', 'next')
  deliver('b', 'other')
  await expect.poll(() => [...gates.keys()]).toEqual(['deaf', 'other'])
  // It goes to another at once: all others would wait with it
  deliver('a', 'by itself', { losses: 2, alone: 0 })
  await expect.poll(sent).toContainEqual(['/queue/myapp.tasks.a', 'by itself'])
  for (const input of ['other', 'deaf']) gates.get(input)!.resolve()
  await expect.poll(() => worker.stats.stuck).toBe(0)
  await expect.poll(() => gates.has('next') || sent().some(([, input]) => input === 'next')).toBe(true)
  gates.get('next')?.resolve()
  deliver('a', 'later')
  await expect.poll(() => gates.has('later')).toBe(true)
  for (const gate of gates.values()) gate.resolve()
})
