/** The output of a command that keeps running: one line an event, with the name of the process it is about. */
import { printable } from './printable.ts'

export interface OutputTarget {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export interface Output {
  /** Prints an event: the process's name, padded and coloured, and a text. */
  event(name: string, text: string, level?: 'info' | 'warn' | 'error'): void
  /** Prints that everything answers, and where. */
  ready(url: string): void
  /** Prints a line as it is. */
  line(text?: string): void
}

export interface OutputOptions {
  readonly target: OutputTarget
  /** Decides with the target whether there are colours. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Width of the names' column. Default 12. */
  readonly nameWidth?: number
}

const nameColours = [36, 35, 34, 33, 32]
const levelColours = { info: undefined, warn: 33, error: 31 } as const

/** Whether colours are wanted: on a terminal, unless NO_COLOR is set; see no-color.org. */
export function wantsColour(target: OutputTarget, env: OutputOptions['env']): boolean {
  return target.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

/** Makes the output of one command. */
export function createOutput(options: OutputOptions): Output {
  const { target, env, nameWidth = 12 } = options
  const isColoured = wantsColour(target, env)
  const coloursOf = new Map<string, number>()
  const paint = (text: string, colour: number | undefined): string =>
    isColoured && colour !== undefined ? `\u001b[${colour}m${text}\u001b[0m` : text
  const colourOf = (name: string): number | undefined => {
    if (!coloursOf.has(name)) coloursOf.set(name, nameColours[coloursOf.size % nameColours.length] ?? 36)
    return coloursOf.get(name)
  }
  return {
    event(name, text, level = 'info') {
      target.write(
        `${paint(printable(name).padEnd(nameWidth), colourOf(name))} ${paint(printable(text), levelColours[level])}\n`,
      )
    },
    ready: url => void target.write(`ready ${url}\n`),
    line: (text = '') => void target.write(`${text}\n`),
  }
}
