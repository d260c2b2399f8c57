/** A blank behind the colon of `login: foo` is part of the value from STOMP 1.1 on: the commonest slip in hand-written frames. */
import { DroverError } from '../../contract/errors.ts'

/**
 * The error for a refused login.
 * @param error why it was refused
 * @param values that were given
 * @returns the error; where one of the values begins or ends with a blank, one that says so
 */
export function hintAtBlanks(error: unknown, ...values: readonly (string | undefined)[]): unknown {
  if (!(error instanceof DroverError) || error.code !== 'not_authenticated') return error
  if (values.every(value => value === undefined || value.trim() === value)) return error
  return new DroverError(
    error.code,
    `${error.message}. There is a blank at an end of its login or passcode, which is part of the value from STOMP 1.1 on: write login:foo`,
    { cause: error.cause },
  )
}
