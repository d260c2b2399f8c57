/** The text of a peer's frame: its headers without the escapes of its version, and no body but a SEND's. */
import { DroverError } from '../shared/contract/errors.ts'
import { type ScannedFrame, type StompVersion, unescapeHeader } from '../shared/frames/mod.ts'

/** @throws {DroverError} `frame_invalid` for an escape that the version does not have */
export function headerText(frame: ScannedFrame, name: string, version: StompVersion): string | undefined {
  const value = frame.header(name)
  return value === undefined ? undefined : unescapeHeader(value, version)
}

/** @throws {DroverError} `frame_invalid` when it is absent or empty, or as `headerText` */
export function neededText(frame: ScannedFrame, name: string, version: StompVersion): string {
  const value = headerText(frame, name, version)
  if (value !== undefined && value !== '') return value
  throw new DroverError('frame_invalid', `${frame.command} has no ${name} header; STOMP needs it`)
}

/** @throws {DroverError} `frame_invalid` for a body: only a SEND may have one */
export function checkNoBody(frame: ScannedFrame): void {
  if (!frame.hasBody) return
  throw new DroverError('frame_invalid', `${frame.command} has a body; in STOMP only SEND may have one`)
}
