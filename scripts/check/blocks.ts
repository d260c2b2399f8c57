/** The blocks of a Markdown page, each with the file name that the text before it gives. */

export interface Block {
  /** Of its first line, from 1. */
  readonly line: number
  /** The word behind the fence: `sh`, `ts`, `html`; empty for a drawing. */
  readonly language: string
  readonly text: string
  /** From "Save this … as `name`" in the paragraph before it. */
  readonly file?: string
}

/** @param page Markdown */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(.*)\n([\s\S]*?)\n```$/gm)].map(match => {
    const [, language = '', text = ''] = match
    const before = page.slice(0, match.index)
    const paragraph = before.trimEnd().split('\n\n').at(-1) ?? ''
    const file = /\bSave this\b[^`]*`([^`]+)`/.exec(paragraph)?.[1]
    return { line: before.split('\n').length + 1, language, text, ...(file === undefined ? {} : { file }) }
  })
}
