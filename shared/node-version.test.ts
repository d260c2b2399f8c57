import { readFileSync } from 'node:fs'
import process from 'node:process'
import { serveBridge } from 'drover/bridge'
import { startMaster } from 'drover/master'
import { startWorker } from 'drover/worker'
import { expect, test } from 'vitest'
import { checkNode, leastNode } from './node-version.ts'

test('an older Node is told which one is needed', () => {
  for (const node of ['20.19.0', '22.18.0', '23.11.1'])
    expect(() => checkNode({ node })).toThrow(`Drover needs Node 24 or newer, and this is Node ${node}: update it`)
  for (const versions of [{ node: '24.0.0' }, { node: '26.3.0' }, { node: '20.11.1', deno: '2.9.6' }])
    expect(() => checkNode(versions)).not.toThrow()
})

test('package.json asks for the same Node', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
  expect(engines.node).toBe(`>=${leastNode}`)
})

test('master and worker on an older Node reject with that sentence, and do not throw where nobody waits for it', async () => {
  const versions = Object.getOwnPropertyDescriptor(process, 'versions')!
  Object.defineProperty(process, 'versions', { ...versions, value: { ...process.versions, node: '22.18.0' } })
  try {
    const started = [
      startMaster({ url: 'stomp://localhost' }),
      startWorker({ url: 'stomp://localhost', tasks: [] }),
      serveBridge({ broker: 'embedded', secret: 'x'.repeat(32), port: 0 }),
    ]
    for (const { status, ...found } of await Promise.allSettled(started)) {
      expect(status).toBe('rejected')
      expect(found).toMatchObject({ reason: { message: expect.stringContaining('Drover needs Node 24 or newer') } })
    }
  } finally {
    Object.defineProperty(process, 'versions', versions)
  }
})
