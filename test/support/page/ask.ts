/** Asks Node for the things that a page cannot do (`serve.ts`). */
import { inject } from 'vitest'
import type { Question } from './serve.ts'

/**
 * Asks, and blocks the page until Node has answered. A fault proxy in the same process is cut or stalled at once, and a test
 * counts on that.
 * @throws {Error} with the text of Node's error
 */
export function ask<Answer>(question: Question): Answer {
  const request = new XMLHttpRequest()
  request.open('POST', inject('pageServerUrl'), false)
  request.send(JSON.stringify(question))
  if (request.status !== 200) throw new Error(request.responseText)
  return JSON.parse(request.responseText) as Answer
}
