/** Reads a TypeScript file as far as the checks need: its imports, and its text without comments. */
import { parseSync } from 'vite'

export interface Source {
  /** Every specifier that it imports, re-exports or imports dynamically by a literal, with its line. */
  imports: { specifier: string; line: number }[]
  /** The text with comments, imports and re-exports blanked out, line for line. */
  code: string
}

/**
 * @param path says by its ending how to read the text
 * @throws {Error} when the text is no TypeScript
 */
export function readSource(path: string, text: string): Source {
  const { module, comments, errors } = parseSync(path, text)
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`)
  const requests: { start: number; end: number }[] = [
    ...module.staticImports.map(found => found.moduleRequest),
    ...module.staticExports.flatMap(found => found.entries.flatMap(entry => entry.moduleRequest ?? [])),
    ...module.dynamicImports.map(found => found.moduleRequest),
  ]
  const imports = requests.flatMap(({ start, end }) => {
    const literal = /^(['"])(.*)\1$/.exec(text.slice(start, end))
    return literal === null ? [] : [{ specifier: literal[2] ?? '', line: lineAt(text, start) }]
  })
  const reexports = module.staticExports.filter(found => found.entries.some(entry => entry.moduleRequest))
  let code = text
  for (const { start, end } of [...comments, ...module.staticImports, ...reexports]) {
    code = code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end)
  }
  return { imports, code }
}

/** The number of the line that holds the character at `offset`, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
