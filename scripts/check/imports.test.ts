import { expect, test } from 'vitest'
import { importFaults, selfExports } from './imports.ts'

const self = selfExports({
  name: 'drover',
  exports: {
    './bridge': { deno: './bridge/deno.ts', default: './bridge/node.ts' },
    './contract': './shared/contract/mod.ts',
  },
})

test.each([
  ['shared/a.ts', `import { b } from './contract/b.ts'`],
  [
    'shared/master/a/b.ts',
    `import { b } from '../../stomp/b.ts'\nimport { c } from '../c.ts'\nimport { d } from '../../d.ts'`,
  ],
  ['worker/a.ts', `import { b } from '../shared/stomp/b.ts'`],
  ['worker/a.ts', `import type { B } from '../shared/b.ts'`],
  ['worker/a.ts', `import { B } from 'drover/contract'`],
  ['bridge/node.ts', `import net from 'node:net'\nprocess.exit()`],
  ['bridge/node/tcp.ts', `import net from 'node:net'`],
  ['bridge/node/tcp.ts', `setTimeout(() => {}, 1)`],
  ['broker/a.ts', `const stop = clock.timer(1, () => {})`],
  ['shared/clock.ts', `export const now = () => Date.now()`],
  ['shared/stomp/connect.ts', `const { random = Math.random } = options`],
  ['worker/testing.ts', `const id = crypto.randomUUID()`],
  ['browser/a.ts', `requestAnimationFrame(() => clock.timer(1, () => http('/token')))`],
  ['browser/platform.ts', `export const get = () => fetch('/').then(() => localStorage)`],
  ['bridge/a.ts', `const answer = fetch('/')`],
  ['bridge/node-store.ts', `import fs from 'node:fs'`],
  ['cli/main.ts', `import { b } from '../bridge/node.ts'\nprocess.exit()`],
  ['shared/a.test.ts', `import { b } from '../bridge/node.ts'\nprocess.exit()`],
  ['shared/stomp/dialects/artemis.ts', `export const name = 'artemis'`],
  ['shared/stomp/mod.ts', `export { artemis } from './dialects/artemis.ts'`],
  ['shared/a.ts', `// RabbitMQ 3.10 does this\n/** process.exit() */\nexport const a = 1`],
  ['shared/a.ts', `export const a = (job: { process: { pid: 1 } }) => job.process.pid`],
])('importFaults() finds nothing in %s: %s', (path, text) => {
  expect(importFaults(path, text, self)).toEqual([])
})

test.each([
  ['shared/a.ts', `import { b } from '../bridge/b.ts'`, 'shared may import only shared/contract'],
  ['shared/a/b.ts', `export * from '../../worker/b.ts'`, 'shared may import only shared/contract'],
  ['shared/contract/a.ts', `const b = await import('../../cli/b.ts')`, 'imports nothing above it'],
  ['shared/contract/a.ts', `import type { b } from '../b.ts'`, 'imports nothing above it'],
  ['shared/frames/a.ts', `import { b } from '../stomp/b.ts'`, 'of shared/stomp: shared/frames may import only'],
  [
    'shared/stomp/dialects/a.ts',
    `import { b } from '../../master/b.ts'`,
    'of shared/master: shared/stomp may import only',
  ],
  ['shared/a.ts', `import { b } from './stomp/b.ts'`, 'of shared/stomp: shared may import only shared/contract'],
  ['worker/a.ts', `import { b } from '../bridge/b.ts'`, 'may import only shared'],
  ['worker/a.ts', `import type { b } from 'drover/bridge'`, 'may import only shared'],
  ['browser/a.ts', `import { b } from '../worker/b.ts'`, 'may import only shared'],
  ['bridge/a.ts', `import { b } from '../test/b.ts'`, 'may import only shared/, broker'],
  ['broker/a.ts', `import { b } from '../bridge/b.ts'`, 'may import only shared'],
  ['bridge/app.ts', `import net from 'node:net'`, 'only files named after a runtime may'],
  ['bridge/app.ts', `import { WebSocket } from 'ws'`, 'only files named after a runtime may'],
  ['worker/a.ts', `const pid = process.pid`, 'names "process."'],
  ['worker/nodes.ts', `Deno.exit()`, 'names "Deno."'],
  ['bridge/app.ts', `const header = 'activemq.prefetchSize'`, 'names "activemq"'],
  ['bridge/node.ts', `export const isRabbitMQ = true`, 'names "RabbitMQ"'],
  ['bridge/relay/a.ts', `const now = Date.now()`, 'names "Date.now"'],
  ['broker/a.ts', `setTimeout(() => {}, 1)`, 'it comes as a port'],
  ['bridge/a.ts', `const id = crypto.randomUUID()`, 'names "crypto.randomUUID"'],
  ['browser/a.ts', `setTimeout(() => {}, 1)`, 'it comes as a port, such as the clock'],
  ['browser/a.ts', `const answer = await fetch('/token')`, 'names "fetch"'],
  ['browser/page/a.ts', `localStorage.clear()`, 'from browser/platform.ts'],
  ['browser/platform.ts', `const now = Date.now()`, 'names "Date.now"'],
  ['worker/settle/a.ts', `const now = Date.now()`, 'names "Date.now"'],
  ['shared/a.ts', `setInterval(() => {}, 1)`, 'it comes as a port'],
  ['shared/master/dispatch/a.ts', `const chance = Math.random()`, 'names "Math.random"'],
  ['shared/master/connect.ts', `const chance = Math.random()`, 'names "Math.random"'],
])('importFaults() finds the fault in %s: %s', (path, text, fault) => {
  const faults = importFaults(path, `// first line\n${text}`, self)
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(`${path}:2 `)
  expect(faults[0]).toContain(fault)
})

test('a file that cannot be read as TypeScript is an error with its name', () => {
  expect(() => importFaults('shared/a.ts', 'const = ;')).toThrow('shared/a.ts')
})
