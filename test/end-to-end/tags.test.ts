/** A job's tags: from its dispatch to its worker, to each attempt, its dead letter, and a master that comes back. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { fileStorage, startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { scriptMaster } from '../support/scripted-master.ts'
import { until, within } from '../support/until.ts'

test('each attempt is told them, and its dead letter and a master that comes back have them', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const namespace = unique('tags')
  await using operator = await scriptMaster(url, namespace, [])
  const told: (readonly string[])[] = []
  const fails = implement(
    defineTask('tags.fail', { input: z.unknown(), attempts: 2, retryDelayMs: 10 }),
    (_input, { tags }) => {
      told.push(tags)
      throw new Error('no luck')
    },
  )
  await using _worker = await startWorker({ url, namespace, tasks: [fails], signals: false })
  const folder = await mkdtemp(join(tmpdir(), 'drover-tags-'))
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const options = { url, namespace, storage: fileStorage(join(folder, 'jobs')) }
  const tags = ['order 17', 'nightly']
  {
    await using master = await startMaster(options)
    const job = master.dispatch('tags.fail', 1, { tags: [...tags, 'nightly'] })
    expect(job.snapshot.tags).toEqual(tags)
    await within('it ends', job.outcome)
    const untagged = master.dispatch('tags.fail', 2, { tags: [] })
    expect(untagged.snapshot.tags).toBeUndefined()
    await within('the other ends', untagged.outcome)
  }
  expect(told).toEqual([tags, tags, [], []])
  await until('its letter is in dead', () => operator.dead.length === 2)
  expect(operator.dead.map(({ body }) => body.tags)).toEqual([tags, undefined])
  await using master = await startMaster({ ...options, storage: fileStorage(join(folder, 'jobs')) })
  const [tagged] = [...master.jobs.values()]
  expect(tagged?.tags).toEqual(tags)
  expect(master.again(tagged!.request_id).snapshot.tags).toEqual(tags)
})

test.each([
  [Array.from({ length: 17 }, (_, at) => `t${at}`), /^tags cannot be used: expected a list of at most 16 texts/],
  [[''], /^tags\.0 cannot be used: expected a text of 1 to 100 characters/],
  [['fine', 'x'.repeat(101)], /^tags\.1 cannot be used/],
  [['a\nb'], /^tags\.0 cannot be used: .* without control characters/],
  ['nightly' as unknown as string[], /^tags cannot be used: expected a list/],
])('tags that cannot be used are refused before anything is sent: %j', async (tags, message) => {
  const { stompUrl: url } = await sharedBroker('embedded')
  await using master = await startMaster({ url, namespace: unique('tags') })
  expect(() => master.dispatch('tags.fail', 1, { tags })).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(message) }),
  )
  expect(master.jobs.size).toBe(0)
})
