import { expect, test } from 'vitest'
import { proseFaults } from './prose.ts'

test.each([
  ['a clause on "what"', 'a.ts', '/** What it does. */', 'a.ts:1: What it does.'],
  ['a comment behind code', 'a.ts', 'f()\ng() // for whoever asks', 'a.ts:2: for whoever asks'],
  ['lines of one comment', 'a.ts', '// It waits\n// for that which comes', 'a.ts:1: It waits for that which comes'],
  ['the text of a tag', 'a.ts', '/**\n * Sends.\n * @returns whatever came\n */', 'a.ts:3: whatever came'],
  ['two colons', 'a.ts', '/** One: two: three. Four: five. */', 'a.ts:1: One: two: three.'],
  ['an item of a page', 'a.md', '# Head\n\n- one\n- what\n  follows', 'a.md:4: what follows'],
  ['a cell of a page', 'a.md', '| a | b |\n|---|---|\n| one | what comes |', 'a.md:3: what comes'],
])('proseFaults() finds %s', (_, path, text, fault) => {
  expect(proseFaults(path, text)).toEqual([fault])
})

test.each([
  ['text in code', 'a.ts', "const a = 'what' /* plain */\nconst b = `// whoever`"],
  ['code in backquotes', 'a.ts', '/** Reads `what: a: b`: all. */'],
  ['an example', 'a.ts', '/**\n * Sends.\n * @example\n * ```ts\n * send() // what: it: says\n * ```\n */'],
  ['indented code', 'a.ts', '/**\n * Runs:\n *\n *     run what: now: here\n */'],
  ['the name of a parameter', 'a.ts', '/** @param what completes "until" */'],
  ['addresses and times', 'a.ts', '// http://host:80, node:fs and 12:30: each is one word'],
  ['a colon in each of two comments', 'a.ts', 'f() // one: a\ng() // two: b'],
  ['a fenced block', 'a.md', '```sh\necho what: a: b\n```'],
  ['the target of a link', 'a.md', 'See [it](what.md).'],
])('proseFaults() finds nothing in %s', (_, path, text) => {
  expect(proseFaults(path, text)).toEqual([])
})
