/** The address of a WebSocket, as a page writes it: a path, or with the scheme of the page. @throws for any other text */
export function socketAddress(written: string, base: string): URL {
  const url = new URL(written, base)
  if (url.protocol === 'http:' || url.protocol === 'https:') url.protocol = url.protocol.replace('http', 'ws')
  return url
}
