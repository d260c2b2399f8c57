/** One line on a terminal that is written over as a job goes on. */
import { formatDuration } from '../shared/duration.ts'
import { printable } from './printable.ts'

export interface ProgressTarget {
  write(text: string): unknown
  readonly columns?: number
}

/** The content of the line. */
export interface ProgressView {
  /** Such as a task's name. */
  readonly title: string
  /** 0 to 100; absent: unknown, shown as a moving piece. */
  readonly percent?: number | undefined
  readonly message?: string | undefined
  readonly elapsedMs: number
}

export interface ProgressLine {
  show(view: ProgressView): void
  /** Takes the line away, so that something else can be printed. */
  clear(): void
}

const barWidth = 24
const minBarWidth = 6
/** The least width of a message, before bar and title give way to it. */
const messageWidth = 6

/**
 * Lays the line out. Where it is narrow the bar gives way first, then the title: percentage and time stay.
 * @param columns width of the terminal; the message is cut to fit
 */
export function layOut(view: ProgressView, columns: number): string {
  const { percent, elapsedMs } = view
  // One column stays free: a line that fills the terminal wraps on some.
  const width = Math.max(columns - 1, 10)
  const message = printable(view.message ?? '')
  const figures = `${percent === undefined ? '' : `${String(Math.round(percent)).padStart(3)} %  `}${formatElapsed(elapsedMs)}`
  const kept = figures.length + Math.min(message.length, messageWidth) + 4
  const title = cut(printable(view.title), Math.max(width - kept, 0))
  const room = width - kept - title.length - 2
  const bars = room < minBarWidth ? '' : `${bar(percent, elapsedMs, Math.min(room, barWidth))}  `
  return cut(`${title === '' ? '' : `${title}  `}${bars}${figures}  ${message}`.trimEnd(), width)
}

const cut = (text: string, width: number): string =>
  text.length <= width ? text : text.slice(0, Math.max(width - 1, 0)).concat(width > 0 ? '…' : '')

/** In steps that can be read while they change. */
function formatElapsed(ms: number): string {
  return ms < 1000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms)
}

function bar(percent: number | undefined, elapsedMs: number, width: number): string {
  if (percent === undefined) {
    const at = Math.floor(elapsedMs / 150) % (width - 3)
    return `${'░'.repeat(at)}███${'░'.repeat(width - 3 - at)}`
  }
  const filled = Math.round((Math.min(Math.max(percent, 0), 100) / 100) * width)
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}

/** Makes a progress line on a terminal. */
export function createProgressLine(target: ProgressTarget): ProgressLine {
  let shown = ''
  const clear = (): void => {
    if (shown !== '') target.write('\r\u001b[2K')
    shown = ''
  }
  return {
    show(view) {
      const next = layOut(view, target.columns || 80)
      if (next === shown) return
      target.write(`\r\u001b[2K${next}`)
      shown = next
    },
    clear,
  }
}
