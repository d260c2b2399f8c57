/** The children of a worker under Deno itself. */
import assert from 'node:assert/strict'
import { systemClock } from '../../shared/clock.ts'
import { startDenoChild } from './deno-command.ts'

const module = new URL('../../test/worker/fixtures/isolated-tasks.ts', import.meta.url).href

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await new Deno.Command('ps', { args: ['-A', '-o', 'pid=,ppid=,comm='] }).output()
  const rows = new TextDecoder().decode(stdout).trim().split('\n')
  return rows.flatMap(row => {
    const [own, parent, name] = row.trim().split(/\s+/)
    return Number(parent) === pid && name !== 'ps' ? [Number(own)] : []
  })
}

function startOne(): { readonly ended: Promise<string>; kill(): void } {
  const { promise: ended, resolve } = Promise.withResolvers<string>()
  const child = startDenoChild({ kind: 'process', onMessage() {}, onEnd: resolve })
  child.send({ is: 'load', module, survivesUncaughtErrors: true })
  return { ended, kill: () => child.kill() }
}

// The channel of one that dies so early may stay open, and so may its timers here.
Deno.test('a process that is ended as it starts has ended, also while another starts', {
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  const first = startOne()
  await new Promise<void>(resolve => void systemClock.timer(60, resolve))
  for (const pid of await childrenOf(Deno.pid)) Deno.kill(pid, 'SIGTERM')
  const second = startOne()
  let stop = (): void => {}
  const late = new Promise<string>(resolve => {
    stop = systemClock.timer(10_000, () => resolve('not seen'))
  })
  assert.match(await Promise.race([first.ended, late]), /SIGTERM/)
  second.kill()
  assert.match(await Promise.race([second.ended, late]), /SIGKILL/)
  stop()
})
