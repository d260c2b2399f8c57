/** Refusing what the other side would not take, before it ends the session. */
import { DroverError } from '../contract/errors.ts'
import type { Outgoing } from './stomp.ts'

/** @throws {DroverError} `frame_too_large` */
export function checkSize({ destination, headers, body }: Outgoing, maxFrameBytes: number): void {
  const head = JSON.stringify([destination, headers]) // each header's quotes and comma stand for its colon and line end
  const added = 200 // receipt, transaction, content-length
  if ((head.length + body.length) * 3 + added <= maxFrameBytes) return
  const bytes = new TextEncoder().encode(head + body).length + added
  if (bytes <= maxFrameBytes) return
  const message = `A message of ${bytes} bytes to ${destination} is too large: the other side takes ${maxFrameBytes}`
  throw new DroverError('frame_too_large', message)
}
