/**
 * The pass: the bridge's proof of its knowledge of a job when it was sent. Design section 4.
 *
 * It says where the job lies, where its answers go and who sent it, so that no bridge has to remember a job; one key for
 * all bridges. The MAC covers the correlation-id too, which the job and every SEND about it bring anyway.
 */
import { base64url } from 'jose'
import { defaultTimeoutMs } from '../../shared/contract/default-timeouts.ts'
import { parseJson } from '../../shared/contract/mod.ts'
import { LazyMap } from '../../shared/lazy-collections.ts'
import { timingSafeEqualText } from '../../shared/timing-safe-equal.ts'

/** HMAC-SHA256 of a text under the key that the port was made with, in base64url without padding. */
export type Mac = (text: string) => string

/** The content of a pass about its job. */
export interface PassedJob {
  /** Where it lies, in the contract's spelling. */
  readonly destination: string
  /** Empty: it is answered on `{ns}.reply`. */
  readonly replyTo: string
  /** Owner who dispatched it; empty where no bridge vouched for one. */
  readonly sender: string
}

/** A pass that is one of ours. */
export interface Pass {
  readonly job: PassedJob
  /** `written` into the job at SEND; `handed` to one worker, with a job that had none; `older`: handed by a bridge of before. */
  readonly kind: 'written' | 'handed' | 'older'
  /** Of the job; empty: it had none, and may be answered under any. */
  readonly correlationId: string
  /** ms since the epoch */
  readonly endsAt: number
}

/** A pass, or its fault in words, to be read behind "its drover-pass". */
export type Judged = Pass | string

export interface Passes {
  /**
   * The pass that goes with a job.
   * @param endsAt ms since the epoch
   */
  write(job: PassedJob, correlationId: string, endsAt: number): string
  /** The pass for a job without one, for workers of `owner` alone. */
  issue(job: PassedJob, correlationId: string, owner: string): string
  /** Whether a pass that came with a job is that job's. */
  check(pass: string, job: PassedJob, correlationId: string): Judged
  /** Whether a pass that a worker of `owner` brings is one for this correlation-id. */
  read(pass: string, correlationId: string, owner: string): Judged
  /** The job of a pass that was written into it, also of one that has ended. */
  proves(pass: string, correlationId: string): PassedJob | undefined
  /** ms since the epoch, by the bridge's clock */
  now(): number
}

/** The MACs under one secret. */
export interface PassKey {
  readonly mac: Mac
  /** That of passes of before, which ended never. */
  readonly olderMac: Mac
}

export interface PassesOptions extends PassKey {
  /** Those under further secrets, whose passes count as well; asked for once a pass is not by the first. */
  furtherKeys?(): readonly PassKey[]
  /** ms since the epoch */
  now(): number
}

const dayMs = 86_400_000
const maxPassCharacters = 4_000
const maxRememberedJobs = 1_000
const foreign =
  "is not this bridge's for this correlation-id: it is forged, or of another job, or of a bridge with another secret"

/**
 * When the pass of a job ends, ms since the epoch: a day behind its own end, so that its worker answers in
 * time when any clock is wrong.
 * @param expires as the job says it, ms since the epoch
 * @param ttlMs as the job says it to a broker that takes a duration
 */
export function passEnd(
  now: number,
  { expires = 0, ttlMs = 0, delayMs = 0 }: { expires?: number; ttlMs?: number; delayMs?: number },
): number {
  const endsAt = expires > 0 ? expires : now + (ttlMs > 0 ? ttlMs : defaultTimeoutMs.queue)
  return endsAt + delayMs + dayMs
}

export function createPasses({ mac, olderMac, furtherKeys = () => [], now }: PassesOptions): Passes {
  const olderUntil = now() + dayMs
  const write = rememberedText()
  const writtenText = (said: string, end: string, correlationId: string): string => `2.${said}.${end}.${correlationId}`
  const handedText = (said: string, end: string, owner: string, correlationId: string): string =>
    `3.${said}.${end}.${owner}.${correlationId}`
  const isProof = (proof: string, text: string): boolean =>
    timingSafeEqualText(proof, mac(text)) || furtherKeys().some(key => timingSafeEqualText(proof, key.mac(text)))
  const isOlderProof = (proof: string, text: string): boolean =>
    [{ olderMac }, ...furtherKeys()].some(key => timingSafeEqualText(proof, key.olderMac(text)))

  const readOlder = (said: string, proof: string, correlationId: string, owner: string): Judged => {
    const job = readJob(said)
    if (job === undefined) return foreign
    const textOf = (id: string): string => JSON.stringify([id, job.destination, job.replyTo, job.sender, owner])
    const of = [correlationId, ''].find(id => isOlderProof(proof, textOf(id)))
    return of === undefined ? foreign : inTime({ job, kind: 'older', correlationId: of, endsAt: olderUntil })
  }
  const inTime = (pass: Pass): Judged =>
    pass.endsAt >= now() ? pass : `ended at ${new Date(Math.min(pass.endsAt, 8.64e15)).toISOString()}`

  return {
    now,
    write(job, correlationId, endsAt) {
      const said = write(job)
      return `2.${said}.${endsAt}.${mac(writtenText(said, String(endsAt), correlationId))}`
    },
    issue(job, correlationId, owner) {
      const said = write(job)
      const endsAt = now() + dayMs
      return `3.${said}.${endsAt}.${mac(handedText(said, String(endsAt), owner, correlationId))}`
    },
    check(pass, job, correlationId) {
      const parts = split(pass)
      if (parts?.version !== '2') return 'is not one that a bridge writes into a job'
      const { said, end, proof } = parts
      if (!isProof(proof, writtenText(said, end, correlationId))) return foreign
      if (said !== write(job)) return "is of a job with another destination, reply-to or sender than the message's"
      return inTime({ job, kind: 'written', correlationId, endsAt: Number(end) })
    },
    proves(pass, correlationId) {
      const parts = split(pass)
      if (parts?.version !== '2') return undefined
      const { said, end, proof } = parts
      return isProof(proof, writtenText(said, end, correlationId)) ? readJob(said) : undefined
    },
    read(pass, correlationId, owner) {
      const parts = split(pass)
      if (parts === undefined) return 'is none'
      const { version, said, end, proof } = parts
      if (version === '1') return readOlder(said, proof, correlationId, owner)
      const ids = version === '2' ? [correlationId] : [correlationId, '']
      const of = ids.find(id =>
        isProof(proof, version === '2' ? writtenText(said, end, id) : handedText(said, end, owner, id)),
      )
      const job = of === undefined ? undefined : readJob(said)
      if (of === undefined || job === undefined) return foreign
      return inTime({ job, kind: version === '2' ? 'written' : 'handed', correlationId: of, endsAt: Number(end) })
    },
  }
}

interface Parts {
  readonly version: '1' | '2' | '3'
  readonly said: string
  /** In digits; empty where it has none. */
  readonly end: string
  readonly proof: string
}

function split(pass: string): Parts | undefined {
  if (pass.length > maxPassCharacters) return undefined
  const afterVersion = pass.indexOf('.')
  const afterSaid = pass.indexOf('.', afterVersion + 1)
  if (afterVersion !== 1 || afterSaid < 0) return undefined
  const version = pass.charAt(0)
  const said = pass.slice(2, afterSaid)
  const afterEnd = pass.indexOf('.', afterSaid + 1)
  if (version === '1') return afterEnd < 0 ? { version, said, end: '', proof: pass.slice(afterSaid + 1) } : undefined
  const end = afterEnd < 0 ? pass.slice(afterSaid + 1) : pass.slice(afterSaid + 1, afterEnd)
  const proof = afterEnd < 0 ? '' : pass.slice(afterEnd + 1)
  if ((version !== '2' && version !== '3') || !isEnd(end) || proof.includes('.')) return undefined
  return { version, said, end, proof }
}

/** Whether text is the digits of an instant. */
function isEnd(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 48 || text.charCodeAt(at) > 57) return false
  return text.length > 0 && text.length <= 16
}

/** One master's jobs of one task all say the same. */
function rememberedText(): (job: PassedJob) => string {
  const written = new Map<string, string>()
  let last: PassedJob | undefined
  let lastText = ''
  const textOf = (job: PassedJob): string => {
    const said = JSON.stringify([job.destination, job.replyTo, job.sender])
    const known = written.get(said)
    if (known !== undefined) return known
    if (written.size >= maxRememberedJobs) written.clear()
    const encoded = base64url.encode(said)
    written.set(said, encoded)
    return encoded
  }
  return job => {
    const isSame = last?.destination === job.destination && last.replyTo === job.replyTo && last.sender === job.sender
    if (!isSame) {
      last = job
      lastText = textOf(job)
    }
    return lastText
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function readJob(said: string): PassedJob | undefined {
  try {
    const json = parseJson(decoder.decode(base64url.decode(said)), 'pass')
    if (!Array.isArray(json) || json.length !== 3 || !json.every(isPlainText)) return undefined
    const [destination, replyTo, sender] = json as [string, string, string]
    return { destination, replyTo, sender }
  } catch {
    return undefined // not ours
  }
}

// A pass of before such text was refused would write a header of its own into the worker's SEND
const isPlainText = (part: unknown): boolean => typeof part === 'string' && !/[\0\r\n]/.test(part)

const maxRememberedPasses = 256

/** The passes that a session has shown or was given lately: every reply to a job brings the same one. */
export class SessionPasses {
  readonly #passes: Passes
  readonly #owner: string
  readonly #known = new LazyMap<string, Pass>()

  /** @param owner of the session */
  constructor(passes: Passes, owner: string) {
    this.#passes = passes
    this.#owner = owner
  }

  /** The pass that a job of this session's takes along; `passEnd` tells its end. */
  write(job: PassedJob, correlationId: string, endsAt: number): string {
    return this.#passes.write(job, correlationId, endsAt)
  }

  /** A pass for this session and a job that came without one. */
  issue(job: PassedJob, correlationId: string): string {
    return this.#passes.issue(job, correlationId, this.#owner)
  }

  /** Whether the pass that came with a job is that job's. */
  check(pass: string, job: PassedJob, correlationId: string): Judged {
    return this.#remember(pass, this.#passes.check(pass, job, correlationId))
  }

  /** Whether a pass that this session brings is one for the correlation-id. */
  read(pass: string, correlationId: string): Judged {
    const known = this.#known.get(pass)
    const isThis = known !== undefined && (known.correlationId === correlationId || known.correlationId === '')
    if (isThis && known.endsAt >= this.now()) return known
    return this.#remember(pass, this.#passes.read(pass, correlationId, this.#owner))
  }

  /** The job of a pass that was written into it, also of one that has ended. */
  proves(pass: string, correlationId: string): PassedJob | undefined {
    return this.#passes.proves(pass, correlationId)
  }

  /** ms since the epoch */
  now(): number {
    return this.#passes.now()
  }

  #remember(pass: string, judged: Judged): Judged {
    if (typeof judged === 'string') return judged
    if (this.#known.size >= maxRememberedPasses) this.#known.clear()
    this.#known.set(pass, judged)
    return judged
  }
}
