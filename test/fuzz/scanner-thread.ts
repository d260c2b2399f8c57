/** Takes blocks one after the other, and tells the result of each. */
import { parentPort } from 'node:worker_threads'
import { type Block, fuzzBlock } from './scanner.ts'

// Most sequences are refused, and a trace of each would take longer than the reading
Error.stackTraceLimit = 2
parentPort?.on('message', (block: Block) => parentPort?.postMessage(fuzzBlock(block)))
