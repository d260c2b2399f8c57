/** The output of `drover dispatch` for programs: in a pipe, or with `--json`. */
import { isOutcome } from 'drover/contract'
import type { OutputTarget } from '../output.ts'
import { printableJson } from '../printable.ts'
import type { JobView, JobViewOptions } from './job-view.ts'

/**
 * One JSON object a line: each reply as it comes, and the outcome as the last line. The outcome of a job to one worker
 * is told once, there; each worker's own outcome of a broadcast is told as it comes. A sealed job begins with its keys.
 */
export function createJsonView({ requestId, isBroadcast }: JobViewOptions, out: OutputTarget): JobView {
  const write = (value: object): void => void out.write(`${printableJson(value)}\n`)
  return {
    news(news) {
      if (isBroadcast || !('request_id' in news && isOutcome(news))) write({ request_id: requestId, ...news })
    },
    sealed: kids => write({ request_id: requestId, type: 'sealed', kids }),
    sent() {},
    note() {},
    end: outcome => write({ request_id: requestId, ...outcome }),
    [Symbol.dispose]() {},
  }
}
