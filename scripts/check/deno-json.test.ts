import { matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import denoJson from '../../deno.json' with { type: 'json' }
import packageJson from '../../package.json' with { type: 'json' }
import { needsNode } from '../test/needs-node.ts'
import { repositoryFiles } from './imports.ts'

test('Deno, which reads neither devDependencies nor optionalDependencies, gets the same versions by deno.json', () => {
  const { devDependencies, optionalDependencies } = packageJson
  const versions: Record<string, string> = { ...devDependencies, ...optionalDependencies }
  const named = Object.entries(denoJson.imports).filter(([, target]) => target.startsWith('npm:'))
  expect(named.length).toBeGreaterThan(0)
  expect(named).toEqual(named.map(([name]) => [name, `npm:${name}@${versions[name]}`]))
})

test.each(needsNode)('%s, which `deno task test` leaves out, names tests', glob => {
  expect(repositoryFiles('*.test.ts').filter(path => matchesGlob(path, glob))).not.toEqual([])
})
