/** Whole frames that are in parts, as one message. */
import { joinBytes } from '../../shared/bytes.ts'
import type { BrowserLink } from './browser-side.ts'

/** From here on to send parts by themselves costs less than to copy them together. */
const largeBytes = 65_536

export function sendParts(link: BrowserLink, parts: readonly Uint8Array[]): void {
  if (parts.length > 1 && link.sendParts !== undefined && lengthOf(parts) >= largeBytes) link.sendParts(parts)
  else link.send(joinBytes(parts))
}

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((length, part) => length + part.length, 0)
