/**
 * A thread beside the code of a process that runs isolated tasks. It reads standard input, also while that code computes without a
 * pause: a line says that a run is to stop. The end says that the worker is gone, however it went, and then this process ends.
 */
import { readSync } from 'node:fs'
import { Socket } from 'node:net'
import process from 'node:process'
import { workerData } from 'node:worker_threads'
import { raiseFlag } from './stop-flag.ts'

const flag = workerData as Int32Array<SharedArrayBuffer>
let rest = ''

function take(piece: string): void {
  const lines = (rest + piece).split('\n')
  rest = lines.pop()!
  for (const line of lines) {
    const [run, why] = line.split(' ').map(Number)
    raiseFlag(flag, run!, why!)
  }
}

const end = (): void => void process.kill(process.pid, 'SIGKILL')

/** Deno gives a thread no stream on a file descriptor; there a read that waits is no error. */
function readWaiting(): void {
  const bytes = new Uint8Array(256)
  for (;;) {
    const length = readSync(0, bytes)
    if (length === 0) break
    take(new TextDecoder().decode(bytes.subarray(0, length)))
  }
  end()
}

if (process.versions['deno'] === undefined) {
  const input = new Socket({ fd: 0, readable: true, writable: false })
  input.setEncoding('utf8').on('data', take).on('close', end)
  input.on('error', end)
} else readWaiting()
