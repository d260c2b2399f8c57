/** Finds the examples in doc comments and in Markdown that are meant to be run. */
import { parseSync } from 'vite'

export interface Example {
  /** From the root of the repository. */
  path: string
  /** Of its first line of code, from 1. */
  line: number
  code: string
}

/**
 * The examples of one file. In TypeScript: every ```ts block under an `@example`, save those marked ```ts ignore. In
 * Markdown: the blocks marked ```ts run.
 * @param path its ending says how to read the text
 */
export function examplesIn(path: string, text: string): Example[] {
  const examples: Example[] = []
  const isMarkdown = path.endsWith('.md')
  let block: { line: number; code: string[]; indent: string; isRun: boolean } | undefined
  let isExample = isMarkdown
  for (const [index, raw] of text.split('\n').entries()) {
    const inComment = /^\s*\*(?!\/) ?(.*)$/.exec(raw)
    const line = isMarkdown ? raw : (inComment?.[1] ?? '')
    if (!isMarkdown && inComment === null) {
      isExample = false
      block = undefined
      continue
    }
    const fence = /^(\s*)```(.*)$/.exec(line)
    if (block === undefined) {
      if (/^@\w+/.test(line) && !isMarkdown) isExample = line.startsWith('@example')
      if (fence !== null) {
        const info = fence[2]?.trim() ?? ''
        const isRun = isExample && info === (isMarkdown ? 'ts run' : 'ts')
        block = { line: index + 2, code: [], indent: fence[1] ?? '', isRun }
      }
    } else if (fence !== null && fence[2] === '') {
      if (block.isRun) examples.push({ path, line: block.line, code: block.code.join('\n') })
      block = undefined
    } else {
      block.code.push(line.startsWith(block.indent) ? line.slice(block.indent.length) : line)
    }
  }
  return examples
}

/**
 * An example as a module: the exports of its own file are in scope, so that it need not import them.
 * @param source text of the file it comes from
 * @param specifier leads from the module to that file
 */
export function asModule({ path, code }: Example, source: string, specifier: string): string {
  if (path.endsWith('.md')) return `${code}\nexport {}\n`
  const { module } = parseSync('example.ts', code)
  const imported = module.staticImports.flatMap(found => found.entries.map(entry => entry.localName.value))
  const names = parseSync(path, source)
    .module.staticExports.flatMap(found => found.entries)
    .filter(entry => !entry.isType)
    .map(entry => entry.exportName.name ?? '')
    .filter(name => new RegExp(`\\b${name}\\b`).test(code) && name !== '' && !imported.includes(name))
  const scope = names.length === 0 ? '' : `import { ${names.join(', ')} } from '${specifier}'\n`
  return `${scope}${code}\nexport {}\n`
}
