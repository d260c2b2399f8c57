import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { UsageError } from './exit.ts'

/**
 * Reads a job's input.
 * @param given JSON; `@file`: a file of it; `-`: from `stdin`
 * @throws {UsageError} when it is not JSON, with where it goes wrong
 */
export async function readInput(given: string, stdin: NodeJS.ReadableStream): Promise<unknown> {
  const json = given === '-' ? await text(stdin) : given.startsWith('@') ? await readInputFile(given.slice(1)) : given
  try {
    return JSON.parse(json)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(
      `The input is not JSON (${reason}); write it in single quotes, such as --input '{"path":"cat.png"}'`,
      { cause },
    )
  }
}

async function readInputFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`Cannot read the input from ${path}; is it the right path?`, { cause })
  }
}
