import type { nothing, TemplateResult } from 'lit'

/** What a button that copies needs of whoever copies. */
export interface Copying {
  /**
   * @param text absent where it cannot be written as text
   * @param what it is, for people: `Id`, `Result`
   */
  copy(text: string | undefined, what: string): void
  /** What stands in the button: an icon, and a word where there is room. */
  face(what: string, word?: string): TemplateResult
  /** Why it was not copied; of whatever was tried, where nothing is named. */
  failure(what?: string): TemplateResult | typeof nothing
}

/**
 * Puts text on the clipboard.
 * @returns why not: browsers refuse it on pages without TLS and where the page is not allowed to
 */
export async function copyText(text: string, what: string): Promise<string | undefined> {
  try {
    await navigator.clipboard.writeText(text)
    return undefined
  } catch {
    return `${what} could not be copied: the browser does not allow it here. Select it and copy it by keyboard.`
  }
}
