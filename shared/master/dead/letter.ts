/** Reads dead letters, those of older versions and of other programs too. Nothing that stands in one keeps the others from being shown. */
import { v5 } from 'uuid'
import { readHistory } from '../../contract/history.ts'
import { parseJob } from '../../contract/job.ts'
import { withMembers } from '../../contract/json-members.ts'
import { isObject, numberIn, objectInBase64url, textIn } from '../../contract/json-values.ts'
import { patternCovers, TaskName } from '../../contract/names.ts'
import { isTooDeep } from '../../contract/nesting.ts'
import { withoutMark } from '../../contract/read-message.ts'
import { readRetried } from '../../contract/retried.ts'
import type { BrokerSession, Incoming } from '../../stomp/mod.ts'
import type { DeadFilter, DeadLetter } from './api.ts'

/** The members that a letter has besides those of its job, and those that count anew. */
const ownMembers = ['error', 'worker_id', 'at', 'input_omitted', 'alone', 'losses', 'handed_back', 'wait_ms'] as const

/** Of the ids of letters. */
const namespaceId = '7d0f2ad6-7d3b-4c3d-9e1e-8f0b7f4d0a52'

/** Past it a number is no instant that could be written. */
const furthestInstant = 8.64e15

type Fields = Readonly<Record<string, unknown>>

/** The job in a letter, as it is to go out: its bytes as they came, without the letter's own members. */
export function jobText(body: string, changed: Fields): string {
  const without = Object.fromEntries(ownMembers.map(name => [name, undefined]))
  return withMembers(withoutMark(body), { ...without, ...changed })
}

/** @param session by whose grants it may be sent again, or not */
export function readLetter({ headers, body }: Pick<Incoming, 'headers' | 'body'>, session: BrokerSession): DeadLetter {
  const fields = fieldsIn(body)
  const correlationId = headers['correlation-id'] || undefined
  const request_id = textIn(fields?.request_id, 200) ?? correlationId?.slice(0, 200)
  const task = TaskName.safeParse(fields?.task).success ? (fields?.task as string) : undefined
  const sealed = fields?.sealed
  const until = sealed === undefined ? undefined : sealEnd(sealed)
  return {
    id: v5(JSON.stringify([correlationId ?? '', body]), namespaceId),
    copies: 1,
    request_id,
    task,
    error: errorIn(fields?.error),
    at: numberIn(fields?.at),
    worker_id: textIn(fields?.worker_id, 200),
    attempt: numberIn(fields?.attempt),
    losses: numberIn(fields?.losses),
    history: readHistory(fields?.history),
    retried: readRetried(fields?.retried),
    sender: headers['drover-sender'] || undefined,
    reply_to: headers['reply-to'] || undefined,
    timeout_ms: numberIn(fields?.timeout_ms),
    to: textIn(fields?.to, 200),
    input: sealed === undefined ? fields?.input : undefined,
    sealed: sealed !== undefined,
    sealed_until: until,
    problem: whyNotAgain(body, fields, task, session),
    body,
  }
}

function fieldsIn(body: string): Fields | undefined {
  const text = withoutMark(body)
  if (isTooDeep(text)) return undefined
  try {
    const json: unknown = JSON.parse(text)
    return isObject(json) ? json : undefined
  } catch {
    return undefined // it is shown as text
  }
}

function whyNotAgain(
  body: string,
  fields: Fields | undefined,
  task: string | undefined,
  { grants }: BrokerSession,
): string | undefined {
  if (fields === undefined) return 'It is no job: its body is not a JSON object'
  if (fields.input_omitted === true) return 'Its input was too large to be kept with it; dispatch the job again'
  if (typeof fields.body === 'string' && fields.input === undefined) return 'It is no job: its body could not be read'
  if (task === undefined) return 'It names no task'
  try {
    parseJob(jobText(body, { attempt: 1 }))
  } catch (error) {
    return `It cannot be read as a job: ${(error as Error).message}`
  }
  if (grants === undefined) return undefined
  const mayOperate = grants.operate.some(pattern => patternCovers(pattern, task))
  return mayOperate ? undefined : `This token does not grant to operate "${task}"`
}

/** The end that a seal names, which its sender wrote and nobody on the way can change. */
function sealEnd(sealed: unknown): number | undefined {
  const header =
    isObject(sealed) && typeof sealed.protected === 'string' ? objectInBase64url(sealed.protected) : undefined
  const at = isObject(header?.drover) ? numberIn(header.drover.expires_at) : undefined
  return at !== undefined && Math.abs(at) <= furthestInstant ? at : undefined
}

function errorIn(json: unknown): DeadLetter['error'] {
  if (!isObject(json)) return undefined
  const { code, message } = json
  return { code: textIn(code, 200) ?? '', message: textIn(message, 10_000) ?? '' }
}

/** Whether a letter is one of those that a filter means. @param now ms since the epoch */
export function fits(letter: DeadLetter, filter: DeadFilter, now: number): boolean {
  const { id, task, error, olderThanMs, newerThanMs } = filter
  const ids = id === undefined ? undefined : [id].flat().map(one => one.toLowerCase())
  const isNamed = (own: string | undefined): boolean => own !== undefined && ids?.includes(own.toLowerCase()) === true
  if (ids !== undefined && !isNamed(letter.id) && !isNamed(letter.request_id)) return false
  if (task !== undefined && (letter.task === undefined || !patternCovers(task, letter.task))) return false
  if (error !== undefined && !saysError(letter, error)) return false
  const ageMs = letter.at === undefined ? Number.POSITIVE_INFINITY : now - letter.at
  return (olderThanMs === undefined || ageMs >= olderThanMs) && (newerThanMs === undefined || ageMs <= newerThanMs)
}

const saysError = ({ error }: DeadLetter, wanted: string): boolean =>
  error !== undefined && (error.code === wanted || error.message.toLowerCase().includes(wanted.toLowerCase()))
