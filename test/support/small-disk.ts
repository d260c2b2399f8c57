/** A small disk of a test's own, which can be full. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk extends AsyncDisposable {
  readonly folder: string
  /** Whether this user may mount one; else it is an ordinary folder, and a limit on a program's output stands in. */
  readonly isMounted: boolean
  /** Nothing more can be written. */
  fill(): Promise<void>
  makeRoom(): Promise<void>
}

/** @param size as tmpfs takes it, such as `128k` */
export async function makeSmallDisk(size: string): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-disk-'))
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status === 0
  const filler = join(folder, 'filler')
  return {
    folder,
    isMounted,
    async fill() {
      for (let at = 0; at < 1_000; at++) {
        const isFull = await writeFile(filler, Buffer.alloc(1_000_000), { flag: 'a' }).then(
          () => false,
          () => true,
        )
        if (isFull) return
      }
      throw new Error(`${folder} is not full after 1 GB`)
    },
    makeRoom: () => rm(filler),
    async [Symbol.asyncDispose]() {
      if (isMounted) spawnSync('umount', [folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
