import { expect, test } from 'vitest'
import { systemClock } from '../../clock.ts'
import { newKey } from '../../seal/mod.ts'
import { ChangeListeners } from '../changes.ts'
import { newJobState } from '../jobs/state/job.ts'
import { memoryStorage } from '../storage/memory.ts'
import { JobSeals } from './job-seals.ts'

const keys = { keys: [await newKey('shared')] }
const kept = memoryStorage()
const job = newJobState({
  request_id: crypto.randomUUID(),
  task: 'letters.send',
  mode: 'queue',
  input: 'Move 40,000 to Zoe',
  sealed: true,
  timeout_ms: 1000,
  created_at: 0,
})

/** The seals of a master whose keys may be away, and its storage. */
function begin(given: { areAway: boolean }) {
  const due = new Map<string, () => void>()
  const give = () => {
    if (given.areAway) throw new Error('away')
    return keys
  }
  const seals = new JobSeals({
    options: { keys: give },
    clock: systemClock,
    stomp: { state: { at: 'connecting' } },
    storage: kept,
    changes: new ChangeListeners(),
    timeouts: { set: (key, _, fire) => void due.set(key, fire) },
    isOver: () => false,
  })
  const fire = () => {
    const fires = [...due.values()]
    due.clear()
    for (const one of fires) one()
  }
  return { seals, storage: seals.storage(kept, true), due, fire }
}

test('stored jobs wait for keys that are away, and nothing is stored by another key meanwhile', async () => {
  const first = begin({ areAway: false })
  await first.storage.write({ put: [job], remove: [] })
  expect(JSON.stringify(await kept.load())).not.toContain('Zoe')

  const keysOfSecond = { areAway: true }
  const second = begin(keysOfSecond)
  let isLoaded = false
  const loading = second.storage.load().finally(() => {
    isLoaded = true
  })
  await expect.poll(() => second.due.size, { message: 'keys, and stored jobs, are asked for again' }).toBe(2)
  second.fire()
  await expect.poll(() => second.due.size).toBe(2)
  expect(isLoaded, 'while the keys are away').toBe(false)
  await expect(second.storage.write({ put: [job], remove: [] })).rejects.toMatchObject({ code: 'keys_unavailable' })
  keysOfSecond.areAway = false
  second.fire()
  expect((await loading).jobs).toEqual([job])
  expect(second.seals.isUnkept).toBe(false)
})

test('a master that ends waits for keys no longer', async () => {
  const { seals, storage, due } = begin({ areAway: true })
  const loading = storage.load()
  await expect.poll(() => due.size).toBe(2)
  seals.end()
  await expect(loading).rejects.toMatchObject({ code: 'keys_unavailable' })
})
