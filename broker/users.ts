/** Who may log in, and with which grants. */

import { DroverError } from '../shared/contract/errors.ts'
import { timingSafeEqualText } from '../shared/timing-safe-equal.ts'
import { covers, type Destination } from './destination.ts'

export interface BrokerUser {
  readonly login: string
  readonly passcode: string
  /** Names that the user may read, write and create, such as `myapp.>`; queues and topics alike. */
  readonly allow: readonly string[]
}

/** The user of the original set-up. */
export const defaultUsers: readonly BrokerUser[] = [{ login: 'foo', passcode: 'bar', allow: ['myapp.>'] }]

/** Limits tries at a passcode. */
export interface LoginAttempts {
  /**
   * Runs a try, unless its login has to wait.
   * @returns whether the passcode was right, as `attempt` says
   * @throws {DroverError} `too_many_attempts`
   */
  runNow(login: string, address: string, attempt: () => boolean): boolean
}

export interface LogInOptions {
  /** For whom the connection was opened; absent: for the login. */
  readonly owner?: string | undefined
  readonly users: readonly BrokerUser[]
  /** Absent: as many tries as somebody likes. */
  readonly attempts: LoginAttempts | undefined
  /** Of the peer; who comes from this process has none, and no limit either. */
  readonly address: string | undefined
}

/**
 * Finds the user of a CONNECT.
 * @throws {DroverError} `not_authenticated`, the same for an unknown login and for a wrong passcode, or `too_many_attempts`
 */
export function logIn(
  { users, attempts, address }: LogInOptions,
  login: string | undefined,
  passcode: string | undefined,
): BrokerUser {
  let found: BrokerUser | undefined
  const attempt = (): boolean => {
    // All users are compared, so that the time tells no login
    for (const user of users) {
      const isRight = timingSafeEqualText(passcode ?? '', user.passcode)
      if (user.login === login && isRight) found = user
    }
    return found !== undefined
  }
  if (attempts === undefined || address === undefined) attempt()
  else attempts.runNow(login ?? '', address, attempt)
  if (found) return found
  throw new DroverError(
    'not_authenticated',
    'Login refused: login and passcode are not those of a user of this broker; check both',
  )
}

/**
 * Lets a user's frame pass. A temporary queue is anybody's who is logged in: its name is a secret.
 * @throws {DroverError} `forbidden`, naming the destination
 */
export function checkRight(user: BrokerUser, destination: Destination, verb: 'send to' | 'subscribe to'): void {
  if (destination.kind === 'temp-queue' || user.allow.some(pattern => covers(pattern, destination.name))) return
  const names = user.allow.join(', ') || 'nothing'
  throw new DroverError(
    'forbidden',
    `User "${user.login}" may not ${verb} ${destination.text}; allowed are queues and topics named ${names}`,
  )
}
