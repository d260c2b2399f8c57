/**
 * A message without content that a master sends through its own reply queue: once it is back, all before it has been read.
 * Promise 4.
 */
import { wireVersion } from './read-message.ts'

const start = `{"v":${wireVersion},"type":"fence","fence_id":"`
const end = '"}'

/** The body of a fence. @param id of characters that JSON needs not escape */
export const fenceBody = (id: string): string => `${start}${id}${end}`

/** Whether a message is a fence, by its body. */
export const isFence = (body: string): boolean => body.startsWith(start)

/** @param body of a fence */
export const fenceIdIn = (body: string): string => body.slice(start.length, -end.length)
