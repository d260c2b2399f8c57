/**
 * The documents lead somewhere: each link to a file, each name that a road has, each file that CONTRIBUTING.md names. And tests
 * are where the code is that they test.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { mayImport, repositoryFiles } from './imports.ts'

const link = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g

test.each(repositoryFiles('*.md'))('the links of %s lead to files', path => {
  const targets = [...readFileSync(path, 'utf8').matchAll(link)].map(([, target = '']) => target)
  const dead = targets.filter(target => !existsSync(join(dirname(path), target)))
  expect(dead, `dead links in ${path}`).toEqual([])
})

test('docs/architecture.md says of each room the rooms that it may import', () => {
  const page = readFileSync('docs/architecture.md', 'utf8')
  const inShared = (name: string): string =>
    /^(contract|frames|seal|stomp|master)\/$/.test(name) ? `shared/${name.slice(0, -1)}` : name
  const roomOf = (name: string): string => (name === 'shared/' ? name : inShared(name).replace(/\/(\*\.ts)?$/, ''))
  const rows = [...page.matchAll(/^\| `([\w/]+\/(?:\*\.ts)?)` \|.*\| ([^|]+) \|$/gm)]
    .filter(([, , may]) => may !== 'anything')
    .map(([, room = '', may = '']) => [
      roomOf(room),
      [...may.matchAll(/`([^`]+)`/g)].map(([, one = '']) => roomOf(one)),
    ])
  expect(Object.fromEntries(rows)).toEqual(mayImport)
})

const steps = [
  ...readFileSync('docs/architecture.md', 'utf8').matchAll(/^\d+\. `(\w+)` in \[[^\]]+\]\(\.\.\/([^)]+)\)/gm),
]

test('docs/architecture.md has roads', () => expect(steps.length).toBeGreaterThan(30))

test.each(steps.map(([, name = '', path = '']) => ({ name, path })))('$path exports $name', ({ name, path }) => {
  expect(readFileSync(path, 'utf8')).toMatch(
    new RegExp(`^export (?:abstract |async )*(?:class|function|const|interface) ${name}\\b`, 'm'),
  )
})

/** No road may have more steps. */
const mostSteps = 10
const roads = readFileSync('docs/architecture.md', 'utf8')
  .split(/^## /m)
  .filter(section => /^\d+\. From /.test(section))
  .map(section => ({
    title: section.slice(0, section.indexOf('\n')),
    numbers: [...section.matchAll(/^(\d+)\. `/gm)].map(([, number]) => Number(number)),
    files: [...section.matchAll(/^\d+\. `\w+` in \[[^\]]+\]\(([^)]+)\)/gm)].map(([, file]) => file),
  }))

test('docs/architecture.md has five roads', () => expect(roads).toHaveLength(5))

test.each(roads)('the steps of "$title" are numbered in order, few, and a file each', ({ numbers, files }) => {
  expect(new Set(files).size).toBe(files.length)
  expect(numbers).toEqual(numbers.map((_, at) => at + 1))
  expect(numbers.length).toBeLessThanOrEqual(mostSteps)
})

/** The members of each kind that CONTRIBUTING.md tells how to add. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  'A dialect': ['classic', 'artemis', 'rabbitmq'],
  'A widget': ['form', 'job', 'jobs', 'master', 'workers'],
  'A command of `drover`': ['dev', 'dispatch', 'keys', 'serve', 'token', 'worker'],
  'A runtime': ['node', 'deno'],
}
const parts = readFileSync('CONTRIBUTING.md', 'utf8').split(/^(?=\*\*|## )/m)

/** The files and folders that a text names, from the root. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/`([\w.{}-]+\/[\w./{}-]*|\w+\.json)`/g)].map(([, path = '']) => path)

test.each(Object.keys(kinds))('CONTRIBUTING.md tells how to add: %s', kind => {
  expect(parts.filter(part => part.startsWith(`**${kind}**`))).toHaveLength(1)
})

test.each(
  parts.flatMap(part => {
    const [, names = ['*']] = Object.entries(kinds).find(([kind]) => part.startsWith(`**${kind}**`)) ?? []
    return pathsIn(part).flatMap(path => names.map(name => ({ path, name })))
  }),
)('$path, which CONTRIBUTING.md names, is there for $name', ({ path, name }) => {
  expect(globSync(path.replace(/\{\w+\}/g, name))).not.toEqual([])
})

/** Of the whole, and not of one folder of the code. */
const wholes = ['cases', 'end-to-end', 'fuzz', 'soak', 'storms', 'support', 'versions', 'browser/flows']
const foldersOfTests = [...new Set(repositoryFiles('test/*.test.ts').map(path => dirname(path).slice('test/'.length)))]

test.each(foldersOfTests.filter(folder => !wholes.some(whole => `${folder}/`.startsWith(`${whole}/`))))(
  'test/%s has the tests of a folder of that name',
  folder => expect(existsSync(folder), `${folder}/, whose tests test/${folder}/ would have`).toBe(true),
)
