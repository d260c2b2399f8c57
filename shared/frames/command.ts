import { textAt } from './text.ts'

// Frames share these strings, so that comparing commands compares pointers
const shared = new Map(
  'SEND MESSAGE ACK NACK RECEIPT SUBSCRIBE UNSUBSCRIBE BEGIN COMMIT ABORT CONNECT STOMP CONNECTED DISCONNECT ERROR'
    .split(' ')
    .map(command => [command, command]),
)

/** The command that the first `end` bytes are. */
export function commandAt(head: Uint8Array, end: number): string {
  const command = textAt(head, 0, end)
  return shared.get(command) ?? command
}
