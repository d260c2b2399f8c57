/** A job on its way to a bridged worker: as it came where its pass fits, with one for this worker where it had none. Design section 4. */
import { type ScannedFrame, type StompVersion, unescapeHeader } from '../../shared/frames/mod.ts'
import type { PassedJob, SessionPasses } from '../grants/passes.ts'
import { type DeliveryReader, type RoutingName, routingNames } from './headers/delivery-head.ts'
import { headersWithout, nameAt } from './unsayable-headers.ts'

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
 * @param head that was read of the frame
 * @param destination of the MESSAGE, which is the subscription's
 * @param lines of the frame that do not go on: indexes into its marks, ascending
 */
export function judgeJob(
  frame: ScannedFrame,
  head: DeliveryReader,
  destination: string,
  lines: readonly number[],
  passes: SessionPasses,
): JudgedJob {
  const { pass, twice, correlationId = '' } = head
  const job: PassedJob = { destination, replyTo: head.replyTo ?? '', sender: head.sender ?? '' }
  if (pass !== undefined) {
    if (twice !== undefined) return { is: 'misfit', said: job, reason: `stands beside a ${twice} that is there twice` }
    const judged = passes.check(pass, job, correlationId)
    return typeof judged === 'string' ? { is: 'misfit', said: job, reason: judged } : { is: 'fits', pass }
  }
  if (lines.some(mark => routingNameAt(frame, mark) === 'drover-pass'))
    return { is: 'misfit', said: job, reason: 'has a character in it that no pass has' }
  // Where one of them stands twice, none of them says for whom the answer is
  if (twice === undefined) return { is: 'without', pass: passes.issue(job, correlationId), dropped: [], leftOut: [] }
  const nobody: PassedJob = { destination, replyTo: '', sender: '' }
  const dropped = routingLines(frame).filter(mark => !lines.includes(mark))
  const leftOut = new Set(dropped.map(mark => routingNameAt(frame, mark)!))
  return { is: 'without', pass: passes.issue(nobody, ''), dropped, leftOut: [...leftOut] }
}

/** Lines of the headers that say whose job it is. */
function routingLines(frame: ScannedFrame): number[] {
  const lines: number[] = []
  for (let mark = 0; mark < frame.marks.length; mark += 3) {
    if (routingNameAt(frame, mark) !== undefined) lines.push(mark)
  }
  return lines
}

function routingNameAt(frame: ScannedFrame, mark: number): RoutingName | undefined {
  const name = nameAt(frame, mark)
  return routingNames.find(routing => routing === name)
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
