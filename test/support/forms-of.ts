/** The ways in which a text may lie somewhere unsealed. */

/** @returns by name, each as Latin-1 text of its bytes */
export function formsOf(text: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(text)
  const latin = (found: Buffer): string => found.toString('latin1')
  // Of base64 at an offset the ends depend on the bytes beside
  const base64 = (offset: number): string => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return whole.slice(Math.ceil((offset * 4) / 3), -2)
  }
  const bases = [0, 1, 2].flatMap(offset => {
    const found = base64(offset)
    const urlSafe = found.replaceAll('+', '-').replaceAll('/', '_')
    return [
      [`base64 at ${offset}`, found],
      [`base64url at ${offset}`, urlSafe],
    ]
  })
  return {
    'as it is': latin(bytes),
    'as Latin-1': text,
    'as JSON': latin(Buffer.from(JSON.stringify(text).slice(1, -1))),
    'as JSON in JSON': latin(Buffer.from(JSON.stringify(JSON.stringify(text)).slice(3, -3))),
    'as JSON in ASCII': JSON.stringify(text)
      .slice(1, -1)
      .replace(/[^ -~]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
    'URL-encoded': encodeURIComponent(text),
    hex: bytes.toString('hex'),
    'UTF-16 LE': latin(Buffer.from(text, 'utf16le')),
    'UTF-16 BE': latin(Buffer.from(text, 'utf16le').swap16()),
    ...Object.fromEntries(bases),
  }
}
