/** Addresses of settings, with their secret parts hidden. */

export const hidden = '***'

/** An address with `***` for its user, its password and its query, where a token may stand. Any other text stays as it is. */
export function hiddenAddress(text: string): string {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(text) ?? []
  if (scheme === undefined) return text
  // A password may have a / or a ? in it where nobody encoded it
  const at = rest.lastIndexOf('@')
  const bare = rest.slice(at + 1).replace(/[?#].*$/s, `?${hidden}`)
  return `${scheme}${at < 0 ? '' : `${hidden}:${hidden}@`}${bare}`
}
