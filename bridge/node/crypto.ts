/** Passwords by `node:crypto`, which Deno has too. */
import { randomBytes, scrypt } from 'node:crypto'
import { hashPassword as hash, type PasswordPorts } from '../access/passwords.ts'

const hashBytes = 32

/** scrypt on a thread of its own, and random bytes. */
export const passwordPorts: PasswordPorts = {
  scrypt: (password, salt, { N, r, p }) =>
    new Promise((resolve, reject) => {
      // Twice the need of the algorithm, since the runtimes count a little more
      const maxmem = 256 * N * r
      scrypt(password, salt, hashBytes, { N, r, p, maxmem }, (error, hash) => (error ? reject(error) : resolve(hash)))
    }),
  randomBytes: count => new Uint8Array(randomBytes(count)),
}

/**
 * Hashes a password for `passwordHash` of a user.
 * @returns `scrypt$N$r$p$salt$hash`
 */
export const hashPassword = (password: string): Promise<string> => hash(password, passwordPorts)
