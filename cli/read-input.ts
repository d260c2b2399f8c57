import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { InexactJsonError, parseExactJson } from 'drover/contract'
import { UsageError } from './exit.ts'
import { utf8Stream, utf8Text } from './utf8.ts'

/**
 * Reads a job's input.
 * @param given JSON, `@file` for a file of it, or `-` for `stdin`
 * @throws {UsageError} when it is not JSON, or would be sent as something else, with where it goes wrong
 */
export async function readInput(given: string, stdin: NodeJS.ReadableStream): Promise<unknown> {
  let json = given
  if (given === '-') json = await utf8Stream(stdin, 'The input')
  else if (given.startsWith('@')) json = utf8Text(await readInputFile(given.slice(1)), 'The input')
  try {
    return parseExactJson(json)
  } catch (cause) {
    if (cause instanceof InexactJsonError) {
      throw new UsageError(`The input cannot be sent as it is written: ${cause.message}`, { cause })
    }
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(
      `The input is not JSON (${reason}); write it in single quotes, such as --input '{"path":"cat.png"}'`,
      { cause },
    )
  }
}

async function readInputFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new UsageError(`Cannot read the input from ${path}; is it the right path?`, { cause })
  }
}

/**
 * Reads a password from standard input, one line break at its end left out.
 * @param variable where else it may be put; absent: nowhere
 * @throws {UsageError} on a terminal, where it would be seen; when it is not in UTF-8
 */
export async function readSecretText(variable?: string): Promise<string> {
  if (process.stdin.isTTY) {
    const orVariable = variable === undefined ? '' : `, or into ${variable}`
    throw new UsageError(`The password goes to standard input from a file or a pipe${orVariable}; it is not an option`)
  }
  return (await utf8Stream(process.stdin, 'The password')).replace(/\r?\n$/, '')
}
