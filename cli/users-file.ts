/** The users of `drover serve`: a JSON file, so that no password is on a command line. */
import { readFile } from 'node:fs/promises'
import type { BridgeUser } from 'drover/bridge'
import { readHash } from '../bridge/access/passwords.ts'
import { subjectFault } from '../bridge/tokens/subject.ts'
import { UsageError } from './exit.ts'
import { checkGrants } from './grant-options.ts'
import { utf8Text } from './utf8.ts'

/**
 * Reads a list of `{ login, password | password_hash, grants, owner? }`.
 * @throws {UsageError} naming the entry that cannot be used
 */
export async function readUsersFile(path: string): Promise<BridgeUser[]> {
  let list: unknown
  try {
    list = JSON.parse(utf8Text(await readFile(path), 'it'))
  } catch (cause) {
    const { message } = cause as Error
    const what = `Cannot read users from ${path}`
    // Without its cause: the error of a JSON parser quotes the text, and passwords stand in it
    if (cause instanceof SyntaxError)
      throw new UsageError(`${what}: it is not JSON${/ at position .*/.exec(message)?.[0] ?? ''}`)
    throw new UsageError(`${what}: ${message}`, { cause })
  }
  return readUsers(list, path)
}

/**
 * Reads a list of users.
 * @param where it stands, for errors
 * @throws {UsageError} naming each entry that cannot be used
 */
export function readUsers(list: unknown, where: string): BridgeUser[] {
  if (!Array.isArray(list) || list.length === 0) {
    throw new UsageError(
      `${where} is no list of users; expected [{ "login", "password" or "password_hash", "grants" }]`,
    )
  }
  const faults: string[] = []
  const users = list.flatMap((entry, index) => {
    try {
      return [readUser(entry, `${where}, user ${index + 1}`)]
    } catch (error) {
      faults.push((error as Error).message)
      return []
    }
  })
  if (faults.length > 0) throw new UsageError(faults.join('; '))
  const twice = users.find(({ login }, at) => users.findIndex(other => other.login === login) < at)
  if (twice !== undefined) throw new UsageError(`${where}: the user "${twice.login}" is there twice`)
  return users
}

const members = ['login', 'password', 'password_hash', 'owner', 'grants'] as const

function readUser(entry: unknown, where: string): BridgeUser {
  const { login, password, password_hash: passwordHash, owner, grants } = asRecord(entry)
  // One that counts for nothing may be an owner or a password that is spelled wrongly
  const unknown = Object.keys(asRecord(entry)).find(name => !members.some(member => member === name))
  if (unknown !== undefined)
    throw new UsageError(
      `${where} has ${JSON.stringify(unknown)}, which counts for nothing; expected ${members.join(', ')}`,
    )
  if (typeof login !== 'string' || login === '') throw new UsageError(`${where} has no "login"`)
  if ((typeof password === 'string') === (typeof passwordHash === 'string')) {
    throw new UsageError(`${where} ("${login}") needs one of "password" and "password_hash"`)
  }
  if (typeof passwordHash === 'string') checkHash(passwordHash, `${where} ("${login}")`)
  if (owner !== undefined && typeof owner !== 'string')
    throw new UsageError(`${where} ("${login}"): "owner" is no text`)
  const fault = subjectFault(owner ?? login)
  if (fault !== undefined) throw new UsageError(`${where} (${JSON.stringify(login)}): the owner ${fault}`)
  return {
    login,
    grants: checkGrants(grants, `${where} ("${login}"): "grants"`),
    ...(typeof password === 'string' ? { password } : {}),
    ...(typeof passwordHash === 'string' ? { passwordHash } : {}),
    ...(owner === undefined ? {} : { owner }),
  } as BridgeUser
}

function checkHash(hash: string, where: string): void {
  try {
    readHash(hash)
  } catch (error) {
    throw new UsageError(`${where}: "password_hash" is none; "drover serve --hash-password" makes one`, {
      cause: error,
    })
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
