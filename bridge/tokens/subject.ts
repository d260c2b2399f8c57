/** An owner stands in destinations, three letters a byte at worst. */
const maxBytes = 100

/**
 * The fault of a subject, which is the user of a token and so the owner of jobs and reply queues.
 * @returns the found text and the expected one, to stand behind "its sub"; `undefined` without a fault
 */
export function subjectFault(sub: string): string | undefined {
  if (sub === '') return 'is empty; expected text that says whom it is for, such as "ada"'
  // Written as UTF-8 all halves of surrogate pairs are one, and so would be their owners
  if (!sub.isWellFormed()) return 'is not Unicode text; expected no half of a surrogate pair'
  if (/\p{Cc}/u.test(sub)) return 'has a control character; expected text of one line'
  return new TextEncoder().encode(sub).length > maxBytes
    ? `has over ${maxBytes} bytes; expected ${maxBytes} at most`
    : undefined
}
