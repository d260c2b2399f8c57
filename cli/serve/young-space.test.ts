import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const MiB = 1024 * 1024

/** Most bytes of the space in a process of its own in which many objects survive, with a pause after some of them. */
async function mostOf(call: string, flags: readonly string[] = []): Promise<number> {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { setImmediate as pause } from 'node:timers/promises'
    import { boundYoungSpace } from ${JSON.stringify(new URL('young-space.ts', import.meta.url))}
    ${call}
    const kept = []
    let most = 0
    for (let n = 1; n <= 60_000; n++) {
      kept.push(new Array(400).fill(n))
      if (n % 500 === 0) {
        await pause()
        most = Math.max(most, getHeapSpaceStatistics().find(space => space.space_name === 'new_space').space_size)
      }
    }
    console.log(most)`
  const { stdout } = await run(process.execPath, [...flags, '--input-type=module', '--eval', script])
  return Number(stdout)
}

it('stops at 16 MiB, where by itself it grows to 64 and more', async () => {
  const [by, itself] = await Promise.all([mostOf('boundYoungSpace()'), mostOf('')])
  expect(by / MiB).toBeLessThanOrEqual(32) // it may double before the first look
  expect(by / MiB).toBeGreaterThanOrEqual(16)
  expect(itself / MiB).toBeGreaterThanOrEqual(64)
})

it('leaves a size alone that Node was started with', async () => {
  expect((await mostOf('boundYoungSpace()', ['--max-semi-space-size=32'])) / MiB).toBeGreaterThanOrEqual(64)
})
