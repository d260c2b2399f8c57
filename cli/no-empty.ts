/** No argument and no option of a command is empty text: that is a variable of a shell that nobody set. */
import type { Command } from 'commander'
import { UsageError } from './exit.ts'

/**
 * Checks the arguments and options of a command, before it runs. An empty text that counts as none would widen the command: to
 * letters that nobody named, to a store in memory, to the users of the original set-up.
 * @throws {UsageError}
 */
export function checkNothingEmpty(command: Command): void {
  for (let one: Command | null = command; one !== null; one = one.parent) {
    for (const option of one.options) {
      const name = option.attributeName()
      if (one.getOptionValueSource(name) !== 'cli' || !hasEmpty(one.getOptionValue(name))) continue
      throw empty(option.long ?? name)
    }
  }
  for (const [at, value] of command.processedArgs.entries())
    if (hasEmpty(value)) throw empty(`<${command.registeredArguments[at]?.name() ?? 'argument'}>`)
}

const hasEmpty = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.includes(''))
const empty = (name: string): UsageError =>
  new UsageError(`${name} is empty: perhaps a variable is not set; give it a value, or leave it out`)
