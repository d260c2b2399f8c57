/** The users of a bridge's own configuration. */
import { DroverError } from '../../shared/contract/errors.ts'
import { issuesText } from '../../shared/contract/read-message.ts'
import { Grants } from '../../shared/contract/token-grants.ts'
import { isLoopback } from '../../shared/hosts.ts'
import { encodeOwner } from '../../shared/stomp/destinations.ts'
import type { Identity } from '../identity.ts'
import { subjectFault } from '../tokens/subject.ts'
import type { LoginLimiter } from './login-limiter.ts'
import { hashPassword, isPassword, type PasswordPorts, readHash } from './passwords.ts'

export interface BridgeUser {
  readonly login: string
  /** In the clear, for one machine; hashed at the start. Give `passwordHash` anywhere else. */
  readonly password?: string | undefined
  /** As `hashPassword` writes it. */
  readonly passwordHash?: string | undefined
  /** Absent grants are not given. */
  readonly grants: Partial<Grants>
  /** Whose reply queues the user has; default the login. */
  readonly owner?: string | undefined
}

interface KnownUser {
  readonly password: string | undefined
  readonly hash: Promise<string>
  readonly identity: Identity
}

/** The password of the original set-up, which everybody knows. */
const defaultPassword = { login: 'foo', password: 'bar' }
/** How many passwords are hashed at once, and how many more may wait. */
const maxHashing = 2
const maxWaiting = 100

/** Whether somebody may log in with the password that everybody knows. */
export const hasDefaultPassword = (users: readonly BridgeUser[]): boolean =>
  users.some(({ login, password }) => login === defaultPassword.login && password === defaultPassword.password)

/** @throws {DroverError} `config_invalid` where somebody from elsewhere could log in with it */
export function checkDefaultPassword(hostname: string, users: readonly BridgeUser[]): void {
  if (isLoopback(hostname) || !hasDefaultPassword(users)) return
  throw new DroverError(
    'config_invalid',
    `The bridge would listen on ${hostname} while a user has the default password; change it, or listen on 127.0.0.1`,
  )
}

export class Users {
  readonly #ports: PasswordPorts
  readonly #attempts: LoginLimiter
  readonly #known: Map<string, KnownUser> = new Map()
  readonly #nobody: Promise<string>
  #hashing = 0
  readonly #waiting: (() => void)[] = []

  /** Passwords of the configuration are hashed one after the other, beside those of logins. */
  #lastHash: Promise<unknown> = Promise.resolve()

  /**
   * @param before whose hashes still count for passwords that stay
   * @throws {DroverError} `config_invalid`
   */
  constructor(users: readonly BridgeUser[], ports: PasswordPorts, attempts: LoginLimiter, before?: Users) {
    this.#ports = ports
    this.#attempts = attempts
    const known = before === undefined ? undefined : before.#known
    this.#nobody = before === undefined ? this.#hash('') : before.#nobody
    for (const user of users) this.#known.set(user.login, this.#read(user, known?.get(user.login)))
  }

  #hash(password: string): Promise<string> {
    const hash = this.#lastHash.then(() =>
      this.#inTurn(() => hashPassword(password, this.#ports), Number.POSITIVE_INFINITY),
    )
    this.#lastHash = hash.catch(() => {}) // each login that needs it is told
    return hash
  }

  #read({ login, password, passwordHash, grants, owner = login }: BridgeUser, before?: KnownUser): KnownUser {
    if (login === '' || (password === undefined) === (passwordHash === undefined)) {
      throw new DroverError('config_invalid', `The user "${login}" needs a login and either password or passwordHash`)
    }
    const fault = subjectFault(owner)
    if (fault !== undefined) throw new DroverError('config_invalid', `The owner of user "${login}" ${fault}`)
    if (this.#known.has(login)) throw new DroverError('config_invalid', `The user "${login}" is there twice`)
    const parsed = Grants.safeParse(grants)
    if (!parsed.success) {
      const found = issuesText(parsed.error.issues)
      throw new DroverError('config_invalid', `The grants of user "${login}" do not fit: ${found}`)
    }
    if (passwordHash !== undefined) readHash(passwordHash)
    const isKnown = password !== undefined && before?.password === password
    const hash = isKnown
      ? before.hash
      : passwordHash === undefined
        ? this.#hash(password!)
        : Promise.resolve(passwordHash)
    return {
      password,
      hash,
      identity: { subject: owner, owner: encodeOwner(owner), grants: parsed.data, isConfiguredUser: true },
    }
  }

  /**
   * Who has that password.
   * @param address of the peer: tries are limited for each
   * @throws {DroverError} `not_authenticated`, the same for an unknown login, or `too_many_attempts`
   */
  async logIn(login: string, password: string, address: string): Promise<Identity> {
    const user = this.#known.get(login)
    const isRight = await this.#attempts.run(login, address, async () => {
      const hash = await (user?.hash ?? this.#nobody)
      return (await this.#inTurn(() => isPassword(password, hash, this.#ports))) && user !== undefined
    })
    if (!isRight || user === undefined) {
      throw new DroverError(
        'not_authenticated',
        'Login refused: login and password are not those of a user of this bridge',
      )
    }
    return user.identity
  }

  /** Hashing takes much memory, so only a few at a time do it. */
  async #inTurn<T>(hash: () => Promise<T>, mostWaiting = maxWaiting): Promise<T> {
    if (this.#hashing >= maxHashing) {
      if (this.#waiting.length >= mostWaiting) {
        throw new DroverError('too_many_attempts', 'Too many logins at once; try again in a few seconds')
      }
      await new Promise<void>(resolve => void this.#waiting.push(resolve))
    } else this.#hashing++
    try {
      return await hash()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#hashing--
    }
  }
}
