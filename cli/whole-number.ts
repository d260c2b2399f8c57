/** Whole numbers that are options of a command. */
import { InvalidArgumentError } from 'commander'

/** Reads one of at least `least` and at most `most`. It throws {InvalidArgumentError} for anything else. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return text => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}`)
  }
}
