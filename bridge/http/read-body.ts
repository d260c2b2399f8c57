/** The body of a request, where that is one small JSON object. */
import type { Context } from 'hono'
import type * as z from 'zod/mini'
import { DroverError } from '../../shared/contract/errors.ts'
import { parseJson } from '../../shared/contract/read-message.ts'

const maxRequestBytes = 65_536

/**
 * Reads it.
 * @returns `undefined` where there is none
 * @throws {DroverError} `message_invalid` for more than 64 KiB, or no JSON
 */
export async function readBody(context: Context): Promise<unknown> {
  // Read by pieces: a length that was announced proves nothing
  let text = ''
  const decoder = new TextDecoder()
  let bytes = 0
  for await (const chunk of context.req.raw.body ?? []) {
    bytes += chunk.length
    if (bytes > maxRequestBytes) {
      throw new DroverError(
        'message_invalid',
        `The request has over ${maxRequestBytes} bytes; expected a small JSON object`,
      )
    }
    text += decoder.decode(chunk, { stream: true })
  }
  return text.trim() === '' ? undefined : parseJson(text, 'request')
}

/**
 * Checks it.
 * @param expected the fields that the schema takes, for people
 * @throws {DroverError} `message_invalid`
 */
export function checkBody<T>(body: unknown, schema: z.ZodMiniType<T>, expected: string): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const field = parsed.error.issues[0]?.path.join('.') || 'request'
  throw new DroverError('message_invalid', `The ${field} is not as expected: a JSON object with ${expected}`)
}
