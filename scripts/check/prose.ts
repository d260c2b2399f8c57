/**
 * Proves that comments and Markdown pages are plain prose: no clause on `what` or its kin, and at most one colon a sentence.
 * Code in backquotes, fenced or indented code, and the names of JSDoc tags are not prose.
 *
 *     node scripts/check/prose.ts            all files
 *     node scripts/check/prose.ts bridge/    the files under these paths
 */
import { readFileSync } from 'node:fs'
import { parseSync } from 'vite'
import { repositoryFiles } from './imports.ts'
import { lineAt } from './source.ts'

/** Not ours to word: a page made of comments, which are held themselves, and inputs of tests as they were handed in. */
const others: readonly string[] = ['docs/widgets.md', 'test/cases/']

const banned = /\b(what|whoever|whatever|whichever|that which)\b/i

/** A piece of prose, with the line that it starts on. */
interface Sentence {
  readonly line: number
  readonly text: string
}

/**
 * Checks one file.
 * @param path a `.ts` or `.md` file
 * @returns `path:line: sentence` for each fault
 */
export function proseFaults(path: string, text: string): string[] {
  const sentences = path.endsWith('.md') ? pageSentences(text) : commentSentences(path, text)
  return sentences.filter(isFault).map(({ line, text: said }) => `${path}:${line}: ${said}`)
}

function isFault({ text }: Sentence): boolean {
  const said = text.replace(/`[^`]*`/g, '`')
  // A colon in an address, a time or a name such as node:fs has no blank behind it
  return banned.test(said) || (said.match(/:(?=[\s)"'*]|$)/g) ?? []).length > 1
}

function commentSentences(path: string, text: string): Sentence[] {
  const { comments, errors } = parseSync(path, text)
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`)
  const sentences: Sentence[] = []
  let block: string[] = []
  let firstLine = 0
  const end = (): void => {
    sentences.push(...split(block, firstLine))
    block = []
  }
  for (const { type, value, start } of comments) {
    const line = lineAt(text, start)
    const continues =
      type === 'Line' && block.length > 0 && line === firstLine + block.length && startsLine(text, start)
    if (!continues) {
      end()
      firstLine = line
    }
    block.push(...value.split('\n').map(withoutStar))
    if (type === 'Block') end()
  }
  end()
  return sentences
}

const startsLine = (text: string, offset: number): boolean =>
  text.slice(text.lastIndexOf('\n', offset) + 1, offset).trim() === ''

/** One line of a comment without its decoration, or nothing where it is indented as code. */
function withoutStar(line: string): string {
  const bare = line.replace(/^\s*\*+ ?/, '')
  return bare.startsWith('    ') && bare !== line ? '' : bare
}

const pageSentences = (text: string): Sentence[] => split(text.split('\n'), 1)

/** Begins something new: an item, a heading, a row, a quotation, a tag. */
const opening = /^\s*(?:[-*] |\d+\. |#+ |\||> |@(?:param|template|property) \S+ ?|@\w+ ?)/

function split(lines: readonly string[], firstLine: number): Sentence[] {
  const sentences: Sentence[] = []
  let paragraph: Sentence[] = []
  const end = (): void => {
    sentences.push(...endAtStops(paragraph))
    paragraph = []
  }
  let isCode = false
  for (const [index, line] of lines.entries()) {
    const isFence = /^\s*(```|~~~)/.test(line)
    if (isFence) isCode = !isCode
    if (isFence || isCode || line.trim() === '') {
      end()
      continue
    }
    if (opening.test(line)) end()
    const at = firstLine + index
    const text = line.replace(opening, '').replace(/\]\([^)]*\)/g, ']')
    if (!/^\s*\|/.test(line)) paragraph.push({ line: at, text: text.trim() })
    else for (const cell of text.split('|')) sentences.push(...endAtStops([{ line: at, text: cell.trim() }]))
  }
  end()
  return sentences
}

/** Lines of one paragraph, as sentences. */
function endAtStops(lines: readonly Sentence[]): Sentence[] {
  const sentences: Sentence[] = []
  let open: Sentence | undefined
  for (const { line, text } of lines) {
    for (const piece of text.split(/(?<=[.!?][)"'*_]*)\s+(?=\S)/)) {
      if (piece === '') continue
      open = open === undefined ? { line, text: piece } : { line: open.line, text: `${open.text} ${piece}` }
      if (!/[.!?][)"'*_]*$/.test(piece)) continue
      sentences.push(open)
      open = undefined
    }
  }
  return open === undefined ? sentences : [...sentences, open]
}

if (import.meta.main) {
  const asked = process.argv.slice(2)
  const isAsked = (path: string): boolean => asked.length === 0 || asked.some(part => path.startsWith(part))
  const files = repositoryFiles('*.ts', '*.md')
    .filter(path => !others.some(other => path.startsWith(other)))
    .filter(isAsked)
  const faults = files.flatMap(path => proseFaults(path, readFileSync(path, 'utf8')))
  for (const fault of faults) console.error(fault)
  if (faults.length > 0)
    console.error(`\n${faults.length} to reword: say the noun instead of "what", and use one colon a sentence at most.`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
