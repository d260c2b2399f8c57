/**
 * The pass: the bridge's proof that a worker was handed a job, which lets it answer. Design section 4.
 *
 * It says where the job lay, where its answers go and who sent it, so that no bridge has to remember a job; one key for
 * all bridges. The MAC covers the correlation-id and the worker's owner too, which every SEND brings anyway. A job that
 * came without a correlation-id (a plain STOMP program's) is passed for any.
 */
import { base64url } from 'jose'
import { parseJson } from '../shared/contract/mod.ts'
import { readDestination } from '../shared/stomp/destinations.ts'
import type { Dialect } from '../shared/stomp/dialects/mod.ts'

/** HMAC-SHA256 of a text under the key that the port was made with, in base64url without padding. */
export type Mac = (text: string) => string

/** What a pass says of its job. */
export interface PassedJob {
  /** Where it lay, in the contract's spelling. */
  readonly destination: string
  /** Empty: it was answered on `{ns}.reply`. */
  readonly replyTo: string
  /** Owner who dispatched it; empty where no bridge vouched for one. */
  readonly sender: string
}

export interface Passes {
  /** The pass for a job that a worker of `owner` is handed. */
  issue(job: PassedJob, correlationId: string, owner: string): string
  /** The job of a pass, or `undefined` when it is not one of ours for this correlation-id and owner. */
  read(pass: string, correlationId: string, owner: string): PassedJob | undefined
}

const maxPassLength = 4_000
const maxRememberedJobs = 1_000

export function createPasses(mac: Mac): Passes {
  const macOf = (job: PassedJob, correlationId: string, owner: string): string =>
    mac(JSON.stringify([correlationId, job.destination, job.replyTo, job.sender, owner]))
  // One master's jobs of one task all say the same
  const written = new Map<string, string>()
  const write = (job: PassedJob): string => {
    const said = JSON.stringify([job.destination, job.replyTo, job.sender])
    const known = written.get(said)
    if (known !== undefined) return known
    if (written.size >= maxRememberedJobs) written.clear()
    const encoded = base64url.encode(said)
    written.set(said, encoded)
    return encoded
  }
  return {
    issue: (job, correlationId, owner) => `1.${write(job)}.${macOf(job, correlationId, owner)}`,
    read(pass, correlationId, owner) {
      if (pass.length > maxPassLength) return undefined
      const [version, said, proof, ...more] = pass.split('.')
      if (version !== '1' || said === undefined || proof === undefined || more.length > 0) return undefined
      const job = readJob(said)
      if (job === undefined) return undefined
      const isOurs = isSameText(proof, macOf(job, correlationId, owner)) || isSameText(proof, macOf(job, '', owner))
      return isOurs ? job : undefined
    },
  }
}

/**
 * Whether a worker that was handed `job` may SEND to `destination` about it: an answer, back to the job's own queue, or
 * to the dead ones.
 * @param destination of the SEND, unescaped
 */
export function mayAnswer(job: PassedJob, destination: string, ns: string, dialect: Dialect): boolean {
  if (destination === `/queue/${ns}.dead`) return true
  if (destination === job.destination) return destination.startsWith('/queue/')
  if (job.replyTo === '') return destination === `/queue/${ns}.reply`
  if (dialect.temporaryReply?.test(job.replyTo)) return destination === job.replyTo
  const purpose = readDestination(ns, job.replyTo)
  if (purpose?.kind !== 'reply') return false
  // One spelling only: where the dialect has another, a SEND to this one would make the queue, and not as its reader needs it
  const prefix = purpose.masterId === undefined ? '/queue/' : dialect.replySendPrefix
  return destination === prefix + job.replyTo.slice('/queue/'.length)
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

/** Takes as long for any two texts of one length. */
function isSameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at)
  return difference === 0
}
