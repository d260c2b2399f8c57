/** The design tokens of all widgets, read from browser/look/tokens.ts. */

export interface Token {
  /** `--drover-accent` */
  readonly name: string
  readonly light: string
  readonly dark: string
}

/** @param css that declares each as `--_accent: var(--drover-accent, default)`; the first default counts */
export function readTokens(css: string): readonly Token[] {
  const found = new Map<string, Token>()
  for (const [, name = '', fallback = ''] of css.matchAll(/--_[\w-]+: var\((--drover-[\w-]+), (.+)\);/g)) {
    if (found.has(name)) continue
    const pair = /light-dark\(((?:[^(),]|\([^()]*\))+), ((?:[^(),]|\([^()]*\))+)\)/.exec(fallback)
    const as = (which: 1 | 2): string => (pair === null ? fallback : fallback.replace(pair[0], pair[which] ?? ''))
    const plain = (text: string): string => text.replace(/var\(--_([\w-]+)\)/g, 'as --drover-$1')
    found.set(name, { name, light: plain(as(1)), dark: plain(as(2)) })
  }
  return [...found.values()]
}
