import { formatInstant } from '../instant.ts'
import { type OutputTarget, wantsColour } from '../output.ts'
import { printable } from '../printable.ts'
import type { ProgressLine } from '../progress-line.ts'
import { closed, describeOutcome, describePartial, isClosed, type Paint } from './describe.ts'
import type { JobView, JobViewOptions } from './job-view.ts'

export interface TerminalViewPorts {
  readonly out: OutputTarget
  readonly progressLine: ProgressLine
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => number
}

/** For a person: replies above, and below them a line that is written over until the job ends. */
export function createTerminalView(options: JobViewOptions, ports: TerminalViewPorts): JobView {
  const { out, progressLine, env, now } = ports
  const isColoured = wantsColour(out, env)
  const paint: Paint = (text, colour) => (isColoured ? `\u001b[${colour}m${text}\u001b[0m` : text)
  const startedAt = now()
  const names = new Map<string, string>()
  let answered = 0
  let percent: number | undefined
  let message: string | undefined = 'sending'
  const { to } = options
  const missed = to === undefined ? 'no worker of this task' : `no worker that was started with --name ${printable(to)}`
  const show = (): void => progressLine.show({ title: options.task, percent, message, elapsedMs: now() - startedAt })
  const print = (text: string): void => {
    progressLine.clear()
    out.write(`${text}\n`)
    show()
  }
  const nameOf = (workerId: string | undefined): string =>
    printable(names.get(workerId ?? '') ?? workerId ?? 'a worker')
  const from = (workerId: string | undefined): string => (options.isBroadcast ? `${paint(nameOf(workerId), 36)}  ` : '')
  const timer = setInterval(show, 150)
  const stop = (): void => {
    clearInterval(timer)
    progressLine.clear()
  }
  show()
  return {
    sealed(kids) {
      print(`${paint('sealed', 36)} for ${kids.map(printable).join(', ')}`)
    },
    sent() {
      message =
        options.startsAt === undefined
          ? 'sent; waiting for a worker'
          : `sent; starts at ${formatInstant(options.startsAt)}`
      show()
    },
    news(news) {
      switch (news.type) {
        case 'accepted':
          if (news.worker_id !== undefined && news.name !== undefined) names.set(news.worker_id, news.name)
          message = `running on ${[...names.values()].join(', ')}`
          break
        case 'progress':
          percent = news.percent ?? percent
          message = isClosed(news) ? closed : news.message
          if (options.isBroadcast) message = `${nameOf(news.worker_id)}: ${message ?? ''}`
          break
        case 'partial':
          return print(from(news.worker_id) + (isClosed(news) ? closed : describePartial(news.data)))
        case 'log':
          return print(
            `${from(news.worker_id)}${paint(news.level, 33)}  ${isClosed(news) ? closed : printable(news.message)}`,
          )
        case 'retrying':
          percent = undefined
          return print(
            `${from(news.worker_id)}${paint('retrying', 33)} after: ${isClosed(news) ? closed : printable(news.error.message)}`,
          )
        case 'requeued':
          percent = undefined
          message = 'queued again; waiting for a worker'
          return print(
            `${from(news.worker_id)}${paint('queued again', 33)}${news.reason === undefined ? '' : `: ${printable(news.reason)}`}`,
          )
        case 'loss':
          percent = undefined
          return print(paint(`its worker went away; the job goes to another (loss ${news.losses})`, 33))
        case 'unclaimed':
          message = news.unclaimed ? `${missed} is there; it waits` : 'a worker has come'
          break
        case 'cannot_open':
          message = 'waiting for a worker that has the key'
          return print(
            `${paint(printable(news.name ?? nameOf(news.worker_id)), 36)}  has ${paint('no key', 33)} for this job, and puts it back for another worker`,
          )
        case 'unsealed':
        case 'priority':
          return print(`${paint(news.type, 33)}  ${printable(news.message)}`)
        case 'missed':
          return print(
            paint(`${news.count} replies were left out, since they came faster than they could be shown`, 33),
          )
        default:
          if (!options.isBroadcast) break
          percent = undefined
          message = `${++answered} answered`
          return print(describeOutcome(news, nameOf(news.worker_id), paint))
      }
      show()
    },
    note(text) {
      progressLine.clear()
      out.write(`${text}\n`)
    },
    end(outcome, isUnclaimed) {
      stop()
      out.write(`${describeOutcome(outcome, undefined, paint, isUnclaimed, to)}\n`)
    },
    [Symbol.dispose]: stop,
  }
}
