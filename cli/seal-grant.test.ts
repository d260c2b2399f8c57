import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKey, publicKeys } from 'drover/seal'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { readSealGrant, servedSeal } from './seal-grant.ts'

let file: string
beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'drover-seal-grant-')), 'keys.json')
})
afterEach(() => vi.useRealTimers())
afterAll(() => rm(join(file, '..'), { recursive: true }))

test('nothing of a file is handed on but the public members of its keys', async () => {
  const key = await newKey('x25519')
  const open = publicKeys({ keys: [key] })
  const noted = open.keys.map(one => ({ ...one, made_from: key, note: key.d }))
  await writeFile(file, JSON.stringify({ keys: noted, old: [key] }))
  expect(await readSealGrant(file)).toEqual({ keys: open })
})

test('a file is read again every five minutes, and one that cannot be used changes nothing', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const [before, after] = await Promise.all([1, 2].map(async () => publicKeys({ keys: [await newKey('x25519')] })))
  const problem = vi.fn()
  await writeFile(file, JSON.stringify(before))
  const { current, stop } = await servedSeal(file, problem)
  expect(current()).toEqual({ keys: before })
  await writeFile(file, JSON.stringify(after))
  vi.advanceTimersByTime(300_000)
  await expect.poll(current).toEqual({ keys: after })
  await writeFile(file, '{')
  vi.advanceTimersByTime(300_000)
  await expect.poll(() => problem.mock.calls).toEqual([[expect.stringMatching(/keys of before: .* it is not JSON$/)]])
  expect(current()).toEqual({ keys: after })
  stop()
  expect(vi.getTimerCount()).toBe(0)
})
