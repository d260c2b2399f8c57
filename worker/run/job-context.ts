/** A run is given this context beside its input. Only `partial` throws on its arguments, and no call has effect after the outcome. */
import type { Clock } from '../../shared/clock.ts'
import { DroverError, type LogLevel, logLevelOf, tooDeep } from '../../shared/contract/mod.ts'
import type { TraceContext } from '../../shared/tracing/port.ts'
import type { ReplyFields } from '../settle/replies.ts'
import { isTooDeepInside, jsonText } from './payload.ts'

/** A run's own view of its job. */
export interface JobContext {
  readonly request_id: string
  readonly task: string
  /** 1 at first; one more for each run that failed. */
  readonly attempt: number
  /** How often the job lost its worker before. */
  readonly losses: number
  /** The labels that its sender gave it. */
  readonly tags: readonly string[]
  /**
   * W3C Trace Context of this run, or of the job where nobody traces here; for requests that belong to it. Absent where the job has
   * none.
   */
  readonly traceparent?: string | undefined
  /** Aborts on cancel, at the deadline and when the worker shuts down; `reason` is a DroverError that says which. */
  readonly signal: AbortSignal
  /**
   * Shows how far the run is. Sent at most every 100 ms, the latest of those that come faster.
   * @param percent 0 to 100; a number outside is cut, `undefined` means unknown
   */
  progress(percent?: number, message?: string, data?: unknown): void
  log(level: LogLevel, message: string, data?: unknown): void
  /**
   * Sends a piece of the output, as a generator's yield does.
   * @returns resolves when there is room for the next; waiting for it keeps memory flat
   * @throws {DroverError} `output_invalid` for data that is not JSON, `output_too_large` past the limit of the broker
   */
  partial(data: unknown): Promise<void>
}

export interface JobContextPorts {
  readonly request_id: string
  readonly task: string
  readonly attempt: number
  readonly losses: number
  readonly tags?: readonly string[] | undefined
  readonly trace?: TraceContext | undefined
  readonly signal: AbortSignal
  /** Longest JSON text of one reply's payload, in characters. */
  maxCharacters(): number
  /** The setting that bounds it, where there is one. */
  whyNoMore?(): string | undefined
  send(fields: ReplyFields): void
  /** Resolves when the broker has taken all replies so far, or the connection is back. */
  drained(): Promise<void>
  readonly clock: Pick<Clock, 'steady' | 'timer'>
  problem(message: string, error?: unknown): void
}

const progressEveryMs = 100
const maxTextCharacters = 10_000
/** So many characters of partials are sent before a run that waits is held until the broker has taken them. */
const windowCharacters = 256 * 1024

/** Log lines of one run: so much at once, in characters, and so much in each second from then on. The rest is left out. */
const logBurst = 4 * 1024 * 1024
const logEachSecond = 1024 * 1024
const aroundLogLine = 100
const tellEveryMs = 10_000

type ProgressFields = Extract<ReplyFields, { type: 'progress' }>

/** @returns the run's view, and `end`, which sends progress that waits and closes it */
export function createJobContext(ports: JobContextPorts): { context: JobContext; end(): void } {
  let isEnded = false
  let waiting: ProgressFields | undefined
  let stopTimer: (() => void) | undefined
  let sentAt = Number.NEGATIVE_INFINITY
  let unconfirmed = 0
  let logRoom = logBurst
  let logAt = ports.clock.steady()
  let leftOut = 0
  let toldAt = Number.NEGATIVE_INFINITY

  /** A run that logs faster than anybody reads would fill the memory of its worker, which runs others as well. */
  const hasLogRoom = (characters: number): boolean => {
    const now = ports.clock.steady()
    logRoom = Math.min(logBurst, logRoom + ((now - logAt) / 1_000) * logEachSecond)
    logAt = now
    if (logRoom < characters) {
      leftOut++
      return false
    }
    logRoom -= characters
    return true
  }

  /** Those that were left out are told with one that is not, now and then, or at the end. */
  const tellLeftOut = (everyMs: number): void => {
    const now = ports.clock.steady()
    if (leftOut === 0 || now - toldAt < everyMs) return
    toldAt = now
    ports.problem(`${leftOut} of its log lines were left out: a run may log 4 MiB at once, and 1 MiB a second`)
    leftOut = 0
  }

  const flush = (): void => {
    stopTimer?.()
    stopTimer = undefined
    if (waiting === undefined) return
    sentAt = ports.clock.steady()
    ports.send(waiting)
    waiting = undefined
  }

  /** A payload as a field, left out when it cannot travel. */
  const payload = (data: unknown, type: string): { data?: unknown } => {
    if (data === undefined) return {}
    try {
      const text = jsonText(data)
      if (text === undefined) return {}
      if (isTooDeepInside(text)) {
        ports.problem(`The data of a ${type} message ${tooDeep}; it was left out`)
        return {}
      }
      if (text.length <= ports.maxCharacters()) return { data: JSON.parse(text) as unknown }
      ports.problem(`The data of a ${type} message is ${text.length} characters long and was left out`)
    } catch (error) {
      ports.problem(`The data of a ${type} message is not JSON and was left out`, error)
    }
    return {}
  }

  const context: JobContext = {
    request_id: ports.request_id,
    task: ports.task,
    attempt: ports.attempt,
    losses: ports.losses,
    tags: ports.tags ?? [],
    traceparent: ports.trace?.traceparent,
    signal: ports.signal,
    progress(percent, message, data) {
      if (isEnded) return
      waiting = {
        type: 'progress',
        ...(typeof percent === 'number' && !Number.isNaN(percent)
          ? { percent: Math.min(100, Math.max(0, percent)) }
          : {}),
        ...(message === undefined ? {} : { message: cut(message) }),
        ...payload(data, 'progress'),
      }
      const waitMs = sentAt + progressEveryMs - ports.clock.steady()
      if (waitMs <= 0) flush()
      else stopTimer ??= ports.clock.timer(waitMs, flush)
    },
    log(level, message, data) {
      if (isEnded) return
      const text = cut(message)
      if (!hasLogRoom(text.length + aroundLogLine)) return
      tellLeftOut(tellEveryMs)
      flush()
      const fields = payload(data, 'log')
      if (fields.data !== undefined) logRoom -= jsonText(fields.data)!.length
      ports.send({ type: 'log', level: logLevelOf(level), message: text, ...fields })
    },
    async partial(data) {
      if (isEnded) return
      const characters = checkPartial(data, Math.floor(ports.maxCharacters()), ports.whyNoMore?.())
      flush()
      ports.send({ type: 'partial', data })
      unconfirmed += characters
      if (unconfirmed < windowCharacters) return
      unconfirmed = 0
      await ports.drained()
    },
  }
  return {
    context,
    end() {
      flush()
      tellLeftOut(0)
      isEnded = true
    },
  }
}

function checkPartial(data: unknown, maxCharacters: number, why = ''): number {
  let text: string | undefined
  try {
    text = jsonText(data)
  } catch (cause) {
    throw new DroverError('output_invalid', 'A partial cannot be sent: it is not JSON', { cause })
  }
  if (text === undefined) throw new DroverError('output_invalid', `A partial cannot be sent: it is ${typeof data}`)
  if (isTooDeepInside(text)) throw new DroverError('output_invalid', `A partial ${tooDeep}`)
  if (text.length <= maxCharacters) return text.length
  const message = `A partial of ${text.length} characters is too large: the limit is ${maxCharacters}; yield smaller pieces${why && `: ${why}`}`
  throw Object.assign(new DroverError('output_too_large', message), { retryable: false })
}

function cut(text: unknown): string {
  if (typeof text === 'string') return text.slice(0, maxTextCharacters)
  try {
    return String(text).slice(0, maxTextCharacters)
  } catch {
    return `(${typeof text})`
  }
}
