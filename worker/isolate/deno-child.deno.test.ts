/** The children of a worker under Deno itself. */
import assert from 'node:assert/strict'
import { systemClock } from '../../shared/clock.ts'
import { startDenoChild } from './deno-command.ts'

const module = new URL('../../test/worker/fixtures/isolated-tasks.ts', import.meta.url).href

/** By Linux itself, since a machine with Deno alone may have no `ps` on its path. */
function childrenOf(pid: number): number[] {
  return [...Deno.readDirSync('/proc')].flatMap(({ name }) => {
    if (!/^\d+$/.test(name)) return []
    try {
      // The name, in brackets, may have blanks in it
      const [, parent] = / \S (\d+) /.exec(Deno.readTextFileSync(`/proc/${name}/stat`).replace(/\(.*\)/s, '')) ?? []
      return Number(parent) === pid ? [Number(name)] : []
    } catch {
      return [] // it has gone meanwhile
    }
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
  ignore: Deno.build.os !== 'linux',
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  const first = startOne()
  await new Promise<void>(resolve => void systemClock.timer(60, resolve))
  for (const pid of childrenOf(Deno.pid)) Deno.kill(pid, 'SIGKILL')
  const second = startOne()
  let stop = (): void => {}
  const late = new Promise<string>(resolve => {
    stop = systemClock.timer(10_000, () => resolve('not seen'))
  })
  assert.match(await Promise.race([first.ended, late]), /SIGKILL/)
  second.kill()
  assert.match(await Promise.race([second.ended, late]), /SIGKILL/)
  stop()
})
