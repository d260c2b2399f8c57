/** Proves that exported names and file names are words of the glossary: none that docs/design.md, section 1, or words.json bans. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseSync } from 'vite'
import banned from './words.json' with { type: 'json' }

export interface BannedWords {
  /** The word to say instead, by the words of a name that holds them, in lower case. */
  readonly anywhere: Readonly<Record<string, string>>
  /** The same by whole names: as part of a longer one these say something plain. */
  readonly alone: Readonly<Record<string, string>>
  /** Names that one file may export. */
  readonly once: readonly string[]
  /** Names that stay, each with the reason. */
  readonly allowed: Readonly<Record<string, string>>
}

/** The words of words.json, with those that the glossary says are not used. */
export function bannedWords(glossary: string = readFileSync('docs/design.md', 'utf8')): BannedWords {
  const [, list = ''] = /^.*Not used: ([^.]+)\./m.exec(glossary) ?? []
  const words = list
    .split(', ')
    .map(entry => ({ word: entry.split(' ')[0] ?? '', isAlone: entry.includes('(unqualified)') }))
  if (list === '') throw new Error('docs/design.md, section 1, no longer says which words are not used')
  const of = (isAlone: boolean) =>
    Object.fromEntries(words.filter(one => one.isAlone === isAlone).map(({ word }) => [word, 'the plain word for it']))
  return { ...banned, anywhere: { ...of(false), ...banned.anywhere }, alone: { ...of(true), ...banned.alone } }
}

/** `replyQueueOf`, `reply-queue-of` → `reply queue of`. */
function inWords(name: string): string {
  const apart = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
  return apart
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
}

/** The name of a file, and the names of its own exports. */
function namesOf(path: string, text: string): string[] {
  const own = parseSync(path, text).module.staticExports.flatMap(({ entries }) =>
    entries.filter(entry => !entry.moduleRequest),
  )
  return [
    basename(path).replace(/(\.deno)?(\.test)?\.ts$/, ''),
    ...own.flatMap(({ exportName }) => exportName.name ?? []),
  ]
}

/**
 * Checks files together.
 * @param files texts by path
 * @returns a sentence for each fault
 */
export function wordFaults(files: Readonly<Record<string, string>>, words: BannedWords): string[] {
  const faults: string[] = []
  const owners = new Map<string, string>()
  for (const [path, text] of Object.entries(files)) {
    for (const name of namesOf(path, text)) {
      if (Object.hasOwn(words.allowed, name)) continue
      const said = inWords(name)
      const part = Object.keys(words.anywhere).find(word => ` ${said} `.includes(` ${word} `))
      const instead = part === undefined ? words.alone[said] : words.anywhere[part]
      if (instead !== undefined) faults.push(`${path}: "${name}" says "${part ?? said}"; say ${instead}`)
      if (!words.once.includes(name)) continue
      const owner = owners.get(name)
      if (owner === undefined) owners.set(name, path)
      else faults.push(`${path} and ${owner} both export "${name}": one word, one idea`)
    }
  }
  return faults
}
