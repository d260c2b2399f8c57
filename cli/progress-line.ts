/** One line on a terminal that is written over as a job goes on. */
import { formatDuration } from './duration.ts'
import { printable } from './printable.ts'

export interface ProgressTarget {
  write(text: string): unknown
  readonly columns?: number
}

/** What the line shows. */
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

/**
 * Lays the line out.
 * @param columns width of the terminal; the message is cut to fit
 */
export function layOut(view: ProgressView, columns: number): string {
  const { title, percent, message = '', elapsedMs } = view
  const figures = percent === undefined ? '' : `${String(Math.round(percent)).padStart(3)} %  `
  const head = `${printable(title)}  ${bar(percent, elapsedMs)}  ${figures}${formatElapsed(elapsedMs)}`
  // One column stays free: a line that fills the terminal wraps on some.
  return `${head}  ${printable(message)}`.slice(0, Math.max(columns - 1, 20)).trimEnd()
}

/** In steps that can be read while they change. */
function formatElapsed(ms: number): string {
  return ms < 1000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms)
}

function bar(percent: number | undefined, elapsedMs: number): string {
  if (percent === undefined) {
    const at = Math.floor(elapsedMs / 150) % (barWidth - 3)
    return `${'░'.repeat(at)}███${'░'.repeat(barWidth - 3 - at)}`
  }
  const filled = Math.round((Math.min(Math.max(percent, 0), 100) / 100) * barWidth)
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled)
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
