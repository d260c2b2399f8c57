/** The headers in which proxies say for whom they ask. Each adds a hop at the end, behind the words of the client. */

/** One hop, as the proxy wrote it that was asked. Both are unchecked. */
export interface Hop {
  /** Absent: it did not say. */
  readonly for: string | undefined
  readonly proto: string | undefined
}

const pair = /[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))[ \t]*/y

/**
 * Reads `Forwarded` (RFC 7239). A value that needs quotes and has none is taken, since proxies write such.
 * @returns the hops, the last is the nearest; `undefined` where it is not as it has to be
 */
export function readForwarded(text: string): readonly Hop[] | undefined {
  const hops: Hop[] = []
  let at = 0
  while (at < text.length) {
    const blanks = /[ \t,]*/y
    blanks.lastIndex = at
    at += blanks.exec(text)![0].length
    if (at === text.length) break
    const found = new Map<string, string>()
    for (;;) {
      pair.lastIndex = at
      const [whole = '', name = '', quoted, plain] = pair.exec(text) ?? []
      if (whole === '' || found.has(name.toLowerCase())) return undefined
      found.set(name.toLowerCase(), plain ?? quoted!.replace(/\\(.)/g, '$1'))
      at += whole.length
      if (text[at] !== ';') break
      at += 1
    }
    if (at < text.length && text[at] !== ',') return undefined
    hops.push({ for: found.get('for'), proto: found.get('proto') })
  }
  return hops
}

/**
 * Reads `X-Forwarded-For` and `X-Forwarded-Proto`. Of as many schemes as hops each is of its hop. Otherwise the last one is of
 * every hop, since the nearest proxy wrote it.
 */
export function readXForwarded(addresses: string | undefined, schemes: string | undefined): readonly Hop[] {
  const protos = listOf(schemes)
  const fors = listOf(addresses)
  if (fors.length === 0) return protos.length === 0 ? [] : [{ for: undefined, proto: protos.at(-1) }]
  return fors.map((text, at) => ({ for: text, proto: protos.length === fors.length ? protos[at] : protos.at(-1) }))
}

const listOf = (text = ''): readonly string[] => (text.trim() === '' ? [] : text.split(',').map(one => one.trim()))
