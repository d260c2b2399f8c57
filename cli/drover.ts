#!/usr/bin/env node
/** Where the `drover` command begins: on a Node that is too old, `main.ts` could not be read far enough to say so. */
import process from 'node:process'
import { checkNode } from '../shared/node-version.ts'

try {
  checkNode()
  await import('./main.ts')
} catch (error) {
  process.stderr.write(`drover: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
