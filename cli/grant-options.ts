/** Grants as options of a command. */
import type { Command } from 'commander'
import { Grants } from 'drover/contract'
import { issuesText } from '../shared/contract/read-message.ts'
import { unknownGrants, unknownGrantText } from '../shared/contract/token-grants.ts'
import { UsageError } from './exit.ts'

export interface GrantOptions {
  namespace?: string
  dispatch?: string[]
  broadcast?: string[]
  work?: string[]
  observe?: string[]
  workers?: boolean
  dead?: boolean
  operate?: string[]
  admin?: boolean
}

/** Adds the options; patterns are task names, `prefix.*` or `*`. */
export function addGrantOptions(command: Command): Command {
  return command
    .option('--dispatch <patterns...>', 'tasks whose jobs may be given to one worker')
    .option('--broadcast <patterns...>', 'tasks whose jobs may be given to every worker')
    .option('--work <patterns...>', 'tasks that may be worked on')
    .option('--observe <patterns...>', 'tasks whose events may be read')
    .option('--workers', 'may read the presence of every worker')
    .option('--dead', 'may read the jobs that were given up on')
    .option('--operate <patterns...>', 'tasks whose workers may be paused, and whose queues may be emptied and moved')
    .option('--admin', 'may revoke tokens, of everybody')
    .option('--namespace <name>', 'prefix of the destinations (default: myapp, or that of the user)')
}

/**
 * The grants that the options say, as they are written in a token; `undefined` when they say none.
 * @throws {UsageError} for a pattern that is none
 */
export function readGrants(options: GrantOptions): Partial<Grants> | undefined {
  const { namespace, dispatch, broadcast, work, observe, workers, dead, operate, admin } = options
  const given = { ns: namespace, dispatch, broadcast, work, observe, workers, dead, operate, admin }
  const grants = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  if (Object.keys(grants).every(name => name === 'ns')) return undefined
  checkGrants(grants, 'The grants')
  return grants as Partial<Grants>
}

/** @throws {UsageError} for anything but grants; its sentence begins with the second argument */
export function checkGrants(value: unknown, what: string): Grants {
  const parsed = Grants.safeParse(value)
  const unknown = unknownGrants(value).map(name => ({ path: [name], message: unknownGrantText }))
  if (parsed.success && unknown.length === 0) return parsed.data
  throw new UsageError(`${what} cannot be used: ${issuesText([...(parsed.error?.issues ?? []), ...unknown])}`)
}
