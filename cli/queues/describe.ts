/** Queues and their messages in words, for people. */
import { formatDuration } from '../../shared/duration.ts'
import { printable } from '../printable.ts'
import type { Overview, Preview, QueueState, WaitingMessage } from './bridge-requests.ts'

const headings = ['QUEUE', 'WAITING', 'DELAYED', 'IN HAND', 'BYTES', 'CONSUMERS', 'OLDEST']

/** A table, one line a queue. */
export function describeQueues({ queues, more, kept, namespace }: Overview): string {
  const where = kept ? 'kept on disk' : 'in memory only: a restart forgets them'
  if (queues.length === 0) return `No queue of ${printable(namespace)} that you may operate is there (${where}).\n`
  const rest = more > 0 ? `${more} more queues with fewer messages are not shown.\n` : ''
  return `${table([headings, ...queues.map(cellsOf)])}${rest}Messages are ${where}.\n`
}

/** The messages that would be taken from a queue. @param limit messages at most */
export function describePreview({ queue, messages }: Preview, name: string, limit: number): string {
  const count = queue === null ? 0 : Math.min(limit, queue.waiting + queue.delayed)
  if (queue === null || count === 0) return `Nothing waits in ${printable(name)}.\n`
  const shown = messages.slice(0, count)
  const heading = ['MESSAGE', 'OF', 'BYTES', 'PRIORITY', 'CAME', '']
  const lines = table([heading, ...shown.map(message => cellsOfMessage(message))])
  const rest = count > shown.length ? `and ${count - shown.length} more\n` : ''
  return `${table([headings, cellsOf(queue)])}\n${lines}${rest}`
}

/** How many would be taken. */
export const countOf = ({ queue }: Preview, limit: number): number =>
  queue === null ? 0 : Math.min(limit, queue.waiting + queue.delayed)

export const messagesInWords = (count: number): string => (count === 1 ? '1 message' : `${count} messages`)

const cellsOf = (queue: QueueState): string[] => [
  queue.name,
  ...[queue.waiting, queue.delayed, queue.unacknowledged, queue.bytes, queue.consumers].map(String),
  queue.oldest_age_ms === null ? '-' : formatDuration(queue.oldest_age_ms),
]

const cellsOfMessage = (message: WaitingMessage): string[] => [
  message.correlation_id ?? message.id,
  message.sender ?? '-',
  String(message.bytes),
  String(message.priority),
  message.at === undefined ? '-' : new Date(message.at).toISOString(),
  [message.redelivered && 'was handed out before', message.due_at && `due ${new Date(message.due_at).toISOString()}`]
    .filter(Boolean)
    .join(', '),
]

/** The first row heads it; all columns but the first are as wide as they need. */
function table(rows: readonly (readonly string[])[]): string {
  const texts = rows.map(row => row.map(printable))
  const widths = texts[0]!.map((_, column) => Math.max(...texts.map(row => row[column]!.length)))
  const isNumber = (column: number): boolean => texts.slice(1).every(row => /^\d+$/.test(row[column]!))
  const cell = (text: string, column: number): string =>
    isNumber(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)
  return texts.map(row => `${row.map(cell).join('  ').trimEnd()}\n`).join('')
}
