/** A master whose disk is full when it starts, on a disk that really is, under Node and Deno. Promise 1. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { type JobState, newJobState } from '../../../../shared/master/jobs/state/job.ts'
import { fileStorage } from '../../../../shared/master/storage/node-file.ts'
import { setUpEmbedded } from '../../../support/brokers/embedded.ts'
import { answerEach, newTask } from '../../../support/scripted-worker.ts'
import { makeSmallDisk, type SmallDisk } from '../../../support/small-disk.ts'

const broker = setUpEmbedded()

/** Where this user may mount no small disk, a limit on the size of its files stands in. */
async function fill(disk: SmallDisk): Promise<readonly string[]> {
  // The signal that would end a program past its limit is ignored: the write fails, as on a full disk.
  if (!disk.isMounted) return ['sh', '-c', 'trap "" XFSZ; exec prlimit --fsize=0:unlimited "$@"', 'sh']
  await disk.fill()
  return []
}

async function makeRoom(disk: SmallDisk, child: ChildProcess): Promise<void> {
  if (disk.isMounted) await disk.makeRoom()
  else spawnSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited'])
}

const runtimes = { node: [process.execPath], deno: ['deno', 'run', '-A', '--no-lock'] }
const program = 'test/shared/master/storage/fixtures/kept-in-file.ts'

test.runIf(process.platform === 'linux').for(['node', 'deno'] as const)(
  'on %s it starts, refuses jobs with the reason, and goes on when there is room',
  async runtime => {
    await using disk = await makeSmallDisk('128k')
    const path = join(disk.folder, 'jobs.log')
    const known = newJobState({
      request_id: '0e6e7a0e-52f4-4f5d-9a3b-5f1f1f2f3a4b',
      task: 't',
      mode: 'queue',
      input: 'from before',
      timeout_ms: 3_600_000,
      created_at: Date.now(),
    })
    const before: JobState = { ...known, phase: { at: 'ended', since: 0, outcome: { type: 'cancelled' } } }
    const storage = fileStorage(path)
    await storage.load()
    await storage.write({ master_id: `full-${runtime}`, put: [before], remove: [] })
    await storage.close()
    const task = newTask()
    await using _worker = await answerEach(broker.url, task, input => ({ type: 'result', output: Number(input) * 2 }))
    const [command = '', ...args] = [...(await fill(disk)), ...runtimes[runtime], program, broker.url, path, task]
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'close')
    try {
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const next = async () => JSON.parse((await lines.next()).value ?? '"it ended"') as unknown
      expect(await next()).toEqual({ known: ['from before'] })
      const full = expect.stringMatching(/ENOSPC|EFBIG|No space left|File too large/)
      expect(await next()).toMatchObject({
        early: { type: 'error', error: { code: 'storage_failed', message: full } },
        problem: full,
      })
      await makeRoom(disk, child)
      expect(await next()).toEqual({ output: 42 })
      expect((await ended)[0]).toBe(0)
    } finally {
      child.kill('SIGKILL')
      await ended
    }
    const after = fileStorage(path)
    const { jobs, master_id } = await after.load()
    await after.close()
    expect([master_id, jobs.map(({ input }) => String(input).slice(0, 11))]).toEqual([
      `full-${runtime}`,
      ['from before', 'xxxxxxxxxxx', '21'],
    ])
  },
)
