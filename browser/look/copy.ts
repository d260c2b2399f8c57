/**
 * Puts text on the clipboard.
 * @returns what to tell: browsers refuse it on pages without TLS and where the page is not allowed to
 */
export async function copyText(text: string, what: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text)
    return `${what} copied.`
  } catch {
    return `${what} could not be copied: the browser does not allow it here. Select it and copy it by keyboard.`
  }
}
