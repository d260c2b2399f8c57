/** The limits and errors that all sources of a token share. */
import { DroverError } from 'drover/contract'

/** Reads it anew. @param name of the option or variable. @param signal aborts when it has taken too long */
export type Read = (value: string, name: string, signal: AbortSignal) => Promise<string>

/** How long a source may take: less than a connection waits for a token. */
export const sourceMs = 9_000
/** The most that a source may give. */
export const maxBytes = 65_536

export const tookTooLong = `did not end within ${sourceMs / 1000} s`

export const noToken = (message: string): DroverError => new DroverError('not_authenticated', message)

/** The code of an error, or of its cause. Messages may have secrets in them. */
export function codeOf(thrown: unknown): string {
  const { code, cause, name } = thrown as { code?: unknown; cause?: unknown; name?: string }
  if (typeof code === 'string') return code
  return cause instanceof Error ? codeOf(cause) : (name ?? 'unknown')
}
