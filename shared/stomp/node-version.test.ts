import { readFileSync } from 'node:fs'
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
