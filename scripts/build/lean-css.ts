/**
 * A page downloads its style sheets without comments, spaces and long ways to say something. To a bundler, Lit's `css`
 * templates are text like any other. Done by the library that Vite itself makes style sheets small with.
 */
import { transform } from 'lightningcss'
import type { Plugin } from 'vite'

/** Without substitutions and escapes: none of ours has any, and one that had would stay as it is. */
const sheets = /\bcss`([^`$\\]*)`/g

/**
 * @param code of a module
 * @param filename named where a sheet is wrong
 * @throws {SyntaxError} where one cannot be read: a browser would leave out part of it, silently
 */
export function withLeanCss(code: string, filename: string): string {
  return code.replace(sheets, (_, sheet: string) => {
    const lean = transform({ filename, code: new TextEncoder().encode(sheet), minify: true })
    return `css\`${new TextDecoder().decode(lean.code)}\``
  })
}

export const leanCss: Plugin = {
  name: 'lean-css',
  enforce: 'pre',
  transform: {
    filter: { id: /\/browser\/.*\.ts$/, code: 'css`' },
    handler: (code, id) => ({ code: withLeanCss(code, id), map: null }),
  },
}
