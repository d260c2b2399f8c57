/**
 * Replies that are not as the contract has them. None that can be attributed to a job vanishes: an outcome that cannot be
 * read ends its job as an error that says why, and any other reply is read as far as it can be.
 */
import { isObject } from './json-values.ts'
import { isSameId, RequestId } from './names.ts'
import { errorIn, type Fields, foundIn, isReplyType, nearest, textOf, whatIsWrong } from './nearest-fields.ts'
import { isTooDeep, tooDeep } from './nesting.ts'
import { wireVersion, withoutMark } from './read-message.ts'
import { type Failed, outcomeTypes, type Reply, type ReplyType } from './reply.ts'

/** Why a message is about no job: it names none, its type is not known, or its header and its body name two. */
export type Unattributed = 'invalid' | 'unknown_type' | 'mismatched'

export interface Salvaged {
  readonly reply: Reply
  /** Its body names another job than its header, for whose job it is taken. */
  readonly isMismatched: boolean
}

/** A body as far as it can be read. */
interface Body {
  readonly fields: Fields
  /** Why `fields` were looked for in its text, and others are missing. */
  readonly problem?: string
}

/**
 * Reads a reply that `parseReply` did not take, or took for another job than its header names.
 * @param correlationId the header, which a bridge vouches for: where it is a UUID, it names the job
 * @returns a reply that fits the contract; for an outcome, and for a body without a type, an `error` with `message_invalid`
 */
export function salvageReply(body: string, correlationId: string | undefined): Salvaged | Unattributed {
  const { fields, problem } = readBody(body)
  const named = idIn(fields.request_id)
  const vouched = idIn(correlationId)
  const request_id = vouched ?? named
  if (request_id === undefined) return 'invalid'
  const type = typeIn(fields.type)
  if (type === 'unknown') return 'unknown_type'
  const isMismatched = vouched !== undefined && named !== undefined && !isSameId(vouched, named)
  const read = { v: wireVersion, attempt: 1, ...nearest(type, fields), request_id }
  if (type !== undefined && !outcomeTypes.includes(type)) {
    if (isMismatched) return 'mismatched'
    if (problem !== undefined) return { reply: unreadLine(read, type, problem, body), isMismatched }
    return { reply: { ...missing(type), ...read, type } as Reply, isMismatched }
  }
  // Of a text that is no object it says nothing that fields are missing there
  const inBody =
    problem === undefined
      ? [...wrongId(fields, request_id), ...wrongBase(fields, type), ...whatIsWrong(type, fields)]
      : [problem, ...(isMismatched ? wrongId(fields, request_id) : [])]
  const wrong = [...inBody, ...wrongHeader(correlationId, request_id)]
  return { reply: unreadOutcome(read, type, wrong, problem === undefined ? fields : body), isMismatched }
}

/**
 * The `request_id` that a message's body names, which is also looked for in a text that is no JSON.
 * @returns `undefined` where it names none, or several
 */
export function requestIdIn(body: string): string | undefined {
  const text = withoutMark(body)
  try {
    const json: unknown = JSON.parse(text)
    if (isObject(json)) return idIn(json.request_id)
  } catch {} // looked for in its text
  return idIn(fieldsInText(text).request_id)
}

function readBody(body: string): Body {
  const text = withoutMark(body)
  if (text.trim() === '') return { fields: {}, problem: 'its body is empty; expected a JSON object' }
  if (isTooDeep(text)) return { fields: fieldsInText(text), problem: `its body ${tooDeep}` }
  try {
    const json: unknown = JSON.parse(text)
    if (isObject(json)) return { fields: json }
    return { fields: fieldsInText(text), problem: 'its body is not a JSON object' }
  } catch {
    return { fields: fieldsInText(text), problem: 'its body is not JSON; expected a JSON object' }
  }
}

/** The members that name a message, in a text that is not JSON, where it has them once. */
function fieldsInText(text: string): Fields {
  const found = ['request_id', 'type', 'worker_id'].flatMap(name => {
    const said = new Set(
      Array.from(text.matchAll(new RegExp(`"${name}"\\s*:\\s*"([^"\\\\]{1,200})"`, 'g')), ([, value]) => value),
    )
    return said.size === 1 ? [[name, [...said][0]]] : []
  })
  return Object.fromEntries(found)
}

const idIn = (said: unknown): string | undefined => (RequestId.safeParse(said).success ? (said as string) : undefined)

/** `undefined` where it says none. */
function typeIn(said: unknown): ReplyType | 'unknown' | undefined {
  if (typeof said !== 'string' || said.trim() === '') return undefined
  const type = said.trim().toLowerCase()
  return isReplyType(type) ? type : 'unknown'
}

/** The fields that a reply of a type has to have, with empty values. */
function missing(type: ReplyType): Fields {
  if (type === 'log') return { level: 'info', message: '' }
  if (type === 'partial') return { data: null }
  return type === 'retrying' ? { error: errorIn(undefined) } : {}
}

function wrongId({ request_id: said }: Fields, requestId: string): string[] {
  if (typeof said === 'string' && isSameId(said, requestId)) return []
  return [`its "request_id" is ${foundIn(said)}; expected "${requestId}"`]
}

function wrongHeader(said: string | undefined, requestId: string): string[] {
  if (said === undefined || isSameId(said, requestId)) return []
  return [`its header correlation-id is ${foundIn(said)}; expected "${requestId}"`]
}

function wrongBase({ v = wireVersion, type: said }: Fields, type: ReplyType | undefined): string[] {
  const wrong: string[] = []
  if (v !== wireVersion) {
    const isNewer = typeof v === 'number' && v > wireVersion
    wrong.push(`its "v" is ${foundIn(v)}; expected ${wireVersion}${isNewer ? ', or a newer Drover here' : ''}`)
  }
  if (type === undefined || said !== type) {
    wrong.push(`its "type" is ${foundIn(said)}; expected ${type === undefined ? 'such as "result"' : `"${type}"`}`)
  }
  return wrong
}

/** @param said the content of the message, which the error is to keep: its fields, or its text */
function unreadOutcome(
  read: object,
  type: ReplyType | undefined,
  wrong: readonly string[],
  said: Fields | string,
): Failed {
  const { took_ms, losses, worker_id, ...base } = read as Failed
  const subject = `This ${type ?? ''} reply`.replace('  ', ' ')
  const why = `${subject} cannot be taken as it is: ${wrong.join('. ')}`
  const own = type === 'error' && typeof said !== 'string' ? errorIn(said.error).message : ''
  const message = own === '' ? `${why}${contentOf(type, said)}` : `${own} (${why})`
  const { v, request_id, seq, at, attempt } = base
  return {
    v,
    request_id,
    attempt,
    ...(worker_id === undefined ? {} : { worker_id }),
    ...(seq === undefined ? {} : { seq }),
    ...(at === undefined ? {} : { at }),
    ...(took_ms === undefined ? {} : { took_ms }),
    ...(losses === undefined ? {} : { losses }),
    type: 'error',
    error: { name: 'DroverError', code: 'message_invalid', message, retryable: false },
  }
}

function contentOf(type: ReplyType | undefined, said: Fields | string): string {
  if (typeof said === 'string') return said.trim() === '' ? '' : `. It says: ${textOf(said)}`
  if (type === undefined) return `. It says: ${textOf(said)}`
  const name = type === 'result' ? 'output' : type === 'rejected' ? 'issues' : 'reason'
  return said[name] === undefined ? '' : `. Its ${name}: ${textOf(said[name])}`
}

/** A reply of a known type whose text cannot be read, as a line of its job. */
function unreadLine(read: object, type: ReplyType, problem: string, body: string): Reply {
  const message = `This ${type} reply cannot be shown as it is: ${problem}. It says: ${textOf(body)}`
  return { ...(read as Reply), type: 'log', level: 'warn', message }
}
