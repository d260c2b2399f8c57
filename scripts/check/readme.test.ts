/** README is short, names one Node, and says of each block how a reader uses it; test/cli/readme.test.ts does that. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { blocksOf } from './blocks.ts'

const readme = readFileSync('README.md', 'utf8')
const blocks = blocksOf(readme)

test('README is short: at most 120 lines of at most 100 characters', () => {
  const lines = readme.trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(120)
  expect(lines.filter(line => line.length > 100)).toEqual([])
})

test('README names one Node, that of package.json, once, and npm starts where it is checked', () => {
  const { engines, scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(readme.match(/\bNode \d[\d.]*/g)).toEqual([`Node ${engines.node.replace('>=', '')}`])
  expect(scripts.start).toMatch(/^node cli\/drover\.ts /)
})

test('blocksOf() knows where a block begins, and the file that a reader saves it as', () => {
  const page = 'Save this here as\n`a.ts`:\n\n```ts\none\n\ntwo\n```\n\n```\ndrawing\n```\n'
  expect(blocksOf(page)).toEqual([
    { line: 5, language: 'ts', text: 'one\n\ntwo', file: 'a.ts' },
    { line: 11, language: '', text: 'drawing' },
  ])
})

test('a reader knows the use of each block', () => {
  const unknown = blocks.filter(({ language, file }) => !['', 'sh', 'html'].includes(language) && file === undefined)
  expect(unknown).toEqual([])
  expect(blocks.filter(({ language }) => language === 'html')).toHaveLength(1)
})
