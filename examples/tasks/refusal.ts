import { DroverError, type ErrorCode } from 'drover/contract'

/** An error that ends the job, however many attempts are left: running it again would change nothing. */
export function refusal(code: ErrorCode, message: string, options?: ErrorOptions): DroverError {
  return Object.assign(new DroverError(code, message, options), { retryable: false })
}
