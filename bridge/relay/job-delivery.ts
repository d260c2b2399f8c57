/** A job on its way to a bridged worker: as it came where its pass fits, with one for this worker where it had none. Design section 4. */
import { type ScannedFrame, type StompVersion, unescapeHeader } from '../../shared/frames/mod.ts'
import { textAt } from '../../shared/frames/text.ts'
import type { PassedJob, SessionPasses } from '../grants/passes.ts'
import { headersWithout } from './unsayable-headers.ts'

const names = ['drover-pass', 'drover-sender', 'reply-to', 'correlation-id'] as const
type Name = (typeof names)[number]
const encoder = new TextEncoder()
const routingNames = names.map(name => ({ name, bytes: encoder.encode(name) }))

export type JudgedJob =
  | { readonly is: 'fits'; readonly pass: string }
  | {
      readonly is: 'without'
      /** For this session's owner. */
      readonly pass: string
      /** Lines that vouch for nobody, ascending indexes into the marks. */
      readonly dropped: readonly number[]
      /** Which headers these are. */
      readonly leftOut: readonly string[]
    }
  | { readonly is: 'misfit'; readonly said: PassedJob; readonly reason: string }

/**
 * Whether a job's pass fits its headers.
 * @param destination of the MESSAGE, which is the subscription's
 * @param lines of the frame that do not go on: indexes into its marks, ascending
 */
export function judgeJob(
  frame: ScannedFrame,
  destination: string,
  lines: readonly number[],
  version: StompVersion,
  passes: SessionPasses,
): JudgedJob {
  const { bytes, marks } = frame
  const found: Record<Name, string> = { 'drover-pass': '', 'drover-sender': '', 'reply-to': '', 'correlation-id': '' }
  const at: number[] = []
  const seen = new Set<Name>()
  let twice: Name | undefined
  for (let mark = 0; mark < marks.length; mark += 3) {
    const name = routingAt(bytes, marks[mark]!, marks[mark + 1]!)
    if (name === undefined || (lines.length > 0 && lines.includes(mark))) continue
    at.push(mark)
    if (seen.has(name)) {
      twice = name
      continue
    }
    seen.add(name)
    const value = textAt(bytes, marks[mark + 1]! + 1, marks[mark + 2]!)
    found[name] = value.includes('\\') ? unescapeHeader(value, version) : value
  }
  const job: PassedJob = { destination, replyTo: found['reply-to'], sender: found['drover-sender'] }
  const correlationId = found['correlation-id']
  if (seen.has('drover-pass')) {
    if (twice !== undefined) return { is: 'misfit', said: job, reason: `stands beside a ${twice} that is there twice` }
    const pass = found['drover-pass']
    const judged = passes.check(pass, job, correlationId)
    return typeof judged === 'string' ? { is: 'misfit', said: job, reason: judged } : { is: 'fits', pass }
  }
  if (lines.length > 0 && hadPass(frame, lines))
    return { is: 'misfit', said: job, reason: 'has a character in it that no pass has' }
  // Where one of them stands twice, none of them says for whom the answer is
  if (twice === undefined) return { is: 'without', pass: passes.issue(job, correlationId), dropped: [], leftOut: [] }
  const nobody: PassedJob = { destination, replyTo: '', sender: '' }
  return { is: 'without', pass: passes.issue(nobody, ''), dropped: at, leftOut: [...seen] }
}

/** The first value of a header that goes on, unescaped. */
export function headerOf(
  frame: ScannedFrame,
  name: string,
  lines: readonly number[],
  version: StompVersion,
): string | undefined {
  const values = lines.length === 0 ? undefined : headersWithout(frame, lines)
  const value = values === undefined ? frame.header(name) : values.find(([found]) => found === name)?.[1]
  return value?.includes('\\') ? unescapeHeader(value, version) : value
}

const hadPass = ({ bytes, marks }: ScannedFrame, lines: readonly number[]): boolean =>
  lines.some(mark => routingAt(bytes, marks[mark]!, marks[mark + 1]!) === 'drover-pass')

/** Which of the headers that say whose job it is stands there. */
function routingAt(bytes: Uint8Array, start: number, colon: number): Name | undefined {
  const length = colon - start
  for (const { name, bytes: wanted } of routingNames) {
    if (length !== wanted.length) continue
    let at = 0
    while (at < length && bytes[start + at] === wanted[at]) at++
    if (at === length) return name
  }
  return undefined
}
