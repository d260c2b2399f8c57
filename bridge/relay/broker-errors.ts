/** What goes wrong on the broker's side, as a browser may be told it; the operator hears the rest. */
import { DroverError } from '../../shared/contract/errors.ts'
import { errorForBrowser } from '../errors-for-browsers.ts'
import type { ScannedFrame } from '../frames/mod.ts'
import type { BrowserSide } from './browser-side.ts'
import { writeError } from './handshake.ts'

export class BrokerErrors {
  readonly #browser: BrowserSide
  /** The broker's last word, when it was an ERROR: it closes after that. */
  last: { readonly code: DroverError['code']; readonly message: string } | undefined

  constructor(browser: BrowserSide) {
    this.#browser = browser
  }

  /**
   * The broker said ERROR.
   * @returns the one for the browser
   */
  write(frame: ScannedFrame): Uint8Array {
    const browser = this.#browser
    const message = frame.header('message') ?? ''
    const body = new TextDecoder().decode(frame.body)
    browser.report({ type: 'broker_error', owner: browser.owner ?? '', message, body })
    const error = errorForBrowser(message, body)
    this.last = error
    return writeError(error.code, error.message, browser.receiptOf(frame, 'receipt-id'), browser.version)
  }

  /** The broker sent what cannot be read. */
  unreadable(cause: unknown): DroverError {
    this.#browser.report({ type: 'broker_lost', message: String(cause) })
    return cause instanceof DroverError && cause.code === 'frame_too_large'
      ? new DroverError('frame_too_large', 'A message for this session is larger than the bridge passes on', { cause })
      : new DroverError('broker_error', 'The broker sent something that is not STOMP; connect again', { cause })
  }

  /** The broker closed the connection, and had said nothing of it. */
  lost(reason: Error | undefined): DroverError {
    this.#browser.report({ type: 'broker_lost', message: reason?.message ?? 'The broker closed the connection' })
    return new DroverError('connection_lost', 'The broker ended this session; connect again')
  }
}
