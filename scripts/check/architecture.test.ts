/** The documents lead somewhere: each link to a file, and each name that a road has. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryFiles } from './imports.ts'

const link = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g

test.each(repositoryFiles('*.md'))('the links of %s lead to files', path => {
  const targets = [...readFileSync(path, 'utf8').matchAll(link)].map(([, target = '']) => target)
  const dead = targets.filter(target => !existsSync(join(dirname(path), target)))
  expect(dead, `dead links in ${path}`).toEqual([])
})

const steps = [
  ...readFileSync('docs/architecture.md', 'utf8').matchAll(/^\d+\. `(\w+)` in \[[^\]]+\]\(\.\.\/([^)]+)\)/gm),
]

test('docs/architecture.md has roads', () => expect(steps.length).toBeGreaterThan(30))

test.each(steps.map(([, name = '', path = '']) => ({ name, path })))('$path exports $name', ({ name, path }) => {
  expect(readFileSync(path, 'utf8')).toMatch(
    new RegExp(`^export (?:abstract |async )*(?:class|function|const) ${name}\\b`, 'm'),
  )
})
