/** Blocks of byte sequences on as many threads as there are cores. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Block, BlockResult } from './scanner.ts'

const blockSize = 10_000
/** A block takes under a second; one that hangs is named. */
const blockMs = 120_000

export interface ScannerRun extends BlockResult {
  readonly sequences: number
}

/**
 * @param sequences how many in all, rounded up to whole blocks
 * @param say told of the progress, each million
 */
export async function fuzzScanner(sequences: number, seed: number, say: (line: string) => void): Promise<ScannerRun> {
  const blocks = Math.ceil(sequences / blockSize)
  const size = Math.min(sequences, blockSize)
  let next = 0
  let done = 0
  let frames = 0
  let written = 0
  const broken: string[] = []
  const take = async (): Promise<void> => {
    let worker = new Worker(new URL('scanner-thread.ts', import.meta.url))
    while (next < blocks && broken.length < 20) {
      const block: Block = { seed, index: next++, sequences: size }
      const result = await runBlock(worker, block)
      if (result === 'hangs') {
        broken.push(`Block ${block.index} of seed ${seed} is not over after ${blockMs} ms: a sequence of it hangs`)
        await worker.terminate()
        worker = new Worker(new URL('scanner-thread.ts', import.meta.url))
        continue
      }
      frames += result.frames
      written += result.written
      broken.push(...result.broken.map(text => `In block ${block.index} of seed ${seed}: ${text}`))
      if (++done % 100 === 0)
        say(`${(done * size).toLocaleString('en')} sequences, ${frames.toLocaleString('en')} frames`)
    }
    await worker.terminate()
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), blocks) }, take))
  return { sequences: done * size, frames, written, broken }
}

function runBlock(worker: Worker, block: Block): Promise<BlockResult | 'hangs'> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => resolve('hangs')), blockMs)
    const settle = (end: () => void): void => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError)
      end()
    }
    const onMessage = (result: BlockResult): void => settle(() => resolve(result))
    const onError = (error: unknown): void => settle(() => reject(error))
    worker.on('message', onMessage).on('error', onError)
    worker.postMessage(block)
  })
}
