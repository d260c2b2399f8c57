import type { nothing, TemplateResult } from 'lit'

/** The calls that a button which copies makes. */
export interface Copying {
  /**
   * @param text absent where it cannot be written as text
   * @param thing its name for people: `Id`, `Result`
   */
  copy(text: string | undefined, thing: string): void
  /** The face of the button: an icon, and a word where there is room. */
  face(thing: string, word?: string): TemplateResult
  /** Why it was not copied; of the last try, where nothing is named. */
  failure(thing?: string): TemplateResult | typeof nothing
}

/**
 * Puts text on the clipboard.
 * @returns why not: browsers refuse it on pages without TLS and where the page is not allowed to
 */
export async function copyText(text: string, thing: string): Promise<string | undefined> {
  try {
    await navigator.clipboard.writeText(text)
    return undefined
  } catch {
    return `${thing} could not be copied: the browser does not allow it here. Select it and copy it by keyboard.`
  }
}
