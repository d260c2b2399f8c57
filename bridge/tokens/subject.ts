/** An owner stands in destinations, three letters a byte at worst. */
const maxBytes = 100

/**
 * What is wrong with a subject: whom a token is for, and so the owner of jobs and reply queues.
 * @returns what was found and what was expected, to stand behind "its sub"; `undefined` when nothing is wrong
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
