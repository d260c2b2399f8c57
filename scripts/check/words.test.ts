import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { repositoryFiles } from './imports.ts'
import { bannedWords, wordFaults } from './words.ts'

const words = { ...bannedWords(), allowed: { BroadcastHandle: 'of the API' } }

test.each([
  ['line.ts', '', '"line" says "line"; say reply subscription'],
  ['a.ts', 'export interface Core { a: 1 }', '"Core" says "core"'],
  ['a.ts', 'export type CoreOptions = 1', '"CoreOptions" says "core"'],
  ['reply-intake.test.ts', '', '"reply-intake" says "intake"'],
  ['a.ts', 'export const giveBack = 1', '"giveBack" says "give back"; say requeue'],
  ['a.ts', 'const b = 1\nexport { b as JobManager }', '"JobManager" says "manager"'],
  ['a.ts', 'export class Client {}', '"Client" says "client"'],
])('wordFaults() finds the fault in %s: %s', (path, text, fault) => {
  expect(wordFaults({ [path]: text }, words)).toEqual([expect.stringContaining(fault)])
})

test.each([
  ['a.ts', 'export const lineAt = 1, hardcore = 2, keepNewest = 3'],
  ['a.ts', 'const core = 1\nexport class StompClient {}'],
  ['a.ts', "export { Core } from 'elsewhere'"],
  ['a.ts', 'export interface BroadcastHandle { a: 1 }'],
])('wordFaults() finds nothing in %s: %s', (path, text) => {
  expect(wordFaults({ [path]: text }, words)).toEqual([])
})

test('wordFaults() names both files that export a name of one file', () => {
  const text = 'export interface Session { a: 1 }'
  expect(wordFaults({ 'a.ts': text, 'b.ts': text }, words)).toEqual([
    expect.stringMatching(/b\.ts and a\.ts .*"Session"/),
  ])
})

test('bannedWords() reads the glossary', () => {
  const { anywhere, alone } = bannedWords('STOMP says so. Not used: thing (unqualified), gadget (for a task), gizmo.\n')
  expect([anywhere.gadget, anywhere.gizmo, alone.thing, anywhere.thing]).toEqual([
    ...['the plain word for it', 'the plain word for it', 'the plain word for it'],
    undefined,
  ])
  expect(() => bannedWords('Nothing of the kind.')).toThrow('docs/design.md')
})

test('every exported name and every file name is a word of the glossary or of the field', () => {
  const files = Object.fromEntries(repositoryFiles('*.ts').map(path => [path, readFileSync(path, 'utf8')]))
  expect(wordFaults(files, bannedWords())).toEqual([])
})
