import { DroverError } from '../contract/errors.ts'
import type { StompVersion } from '../stomp-versions.ts'
import { escapeHeader, isNeverEscaped } from './escape.ts'
import { encodeUtf8 } from './text.ts'

const noBody = new Uint8Array(0)

/**
 * One frame as bytes, from the command to the NUL. A body gets its `content-length`, so that it may hold anything.
 * @param command such as `SEND`; capital letters
 * @param headers in order; escaped here as the version says
 * @param body text is written as UTF-8; default none
 * @param version of the connection that the frame goes to; default 1.2
 * @throws {DroverError} `frame_invalid` for a header that cannot be written, or a `content-length` that is not the body's
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { encodeFrame } from 'drover/frames'
 * const bytes = encodeFrame('SEND', [['destination', '/queue/myapp.x']], 'hi')
 * assert.equal(new TextDecoder().decode(bytes), 'SEND\ndestination:/queue/myapp.x\ncontent-length:2\n\nhi\0')
 * ```
 */
export function encodeFrame(
  command: string,
  headers: Iterable<readonly [name: string, value: string]>,
  body: Uint8Array | string = noBody,
  version: StompVersion = '1.2',
): Uint8Array {
  if (!/^[A-Z]+$/.test(command)) {
    throw new DroverError('frame_invalid', `The command ${JSON.stringify(command)} is not one: use capital letters`)
  }
  const bodyBytes = typeof body === 'string' ? encodeUtf8(body) : body
  const written = isNeverEscaped(command) ? '1.0' : version
  let head = `${command}\n`
  let hasLength = false
  for (const [name, value] of headers) {
    if (name === 'content-length' && !hasLength) {
      if (value !== String(bodyBytes.length)) {
        throw new DroverError(
          'frame_invalid',
          `content-length is "${value}" and the body has ${bodyBytes.length} bytes`,
        )
      }
      hasLength = true
    }
    if (name === '' || (written === '1.0' && name.includes(':'))) {
      throw new DroverError(
        'frame_invalid',
        `The header name ${JSON.stringify(name)} cannot be written in STOMP ${written}`,
      )
    }
    head += `${escapeHeader(name, written)}:${escapeHeader(value, written)}\n`
  }
  if (!hasLength && bodyBytes.length > 0) head += `content-length:${bodyBytes.length}\n`
  const headBytes = encodeUtf8(`${head}\n`)
  const bytes = new Uint8Array(headBytes.length + bodyBytes.length + 1)
  bytes.set(headBytes)
  bytes.set(bodyBytes, headBytes.length)
  return bytes
}
