/** Faults on the broker's side, as a browser may be told them; the operator hears the rest. */
import { DroverError } from '../../shared/contract/errors.ts'
import { FrameTooLarge } from '../../shared/frames/byte-link.ts'
import { type ScannedFrame, type StompVersion, unescapeHeader } from '../../shared/frames/mod.ts'
import type { Dialect } from '../../shared/stomp/dialects/mod.ts'
import type { BrowserSide } from './browser-side.ts'
import { errorForBrowser } from './errors-for-browsers.ts'
import type { RelaySession } from './relay-session.ts'

export class BrokerErrors {
  readonly #browser: BrowserSide

  constructor(browser: BrowserSide) {
    this.#browser = browser
  }

  /**
   * The broker said ERROR: not every broker closes behind it, so the session ends with it here.
   * @returns the error that the browser is told
   */
  told(frame: ScannedFrame, { brokerVersion, dialect, toBroker }: RelaySession): DroverError {
    const browser = this.#browser
    const escaped = frame.header('message') ?? ''
    const message = isSayable(escaped, brokerVersion) ? unescapeHeader(escaped, brokerVersion) : escaped
    const body = new TextDecoder().decode(frame.body)
    browser.brokerRefused(message, body)
    const takenBackMs = dialect.takesBack?.saysMs.exec(body)?.[1]
    if (takenBackMs !== undefined) {
      // In words in which a worker that connects by itself finds it too
      const found = `The broker took back what this session had: a delivery acknowledgement timed out. Timeout value used: ${takenBackMs} ms`
      return new DroverError('broker_error', found)
    }
    const code = dialect.name === 'embedded' ? frame.header('drover-code') : undefined
    const error = errorForBrowser(message, body, code, toBroker.recentAcks.named(`${message} ${body.slice(0, 2_000)}`))
    return new DroverError(error.code, error.message)
  }

  /** The broker sent something that cannot be read. */
  unreadable(cause: unknown): DroverError {
    this.#browser.report({ type: 'broker_lost', message: String(cause) })
    return cause instanceof DroverError && cause.code === 'frame_too_large'
      ? new DroverError('frame_too_large', 'A message for this session is larger than the bridge passes on', { cause })
      : new DroverError('broker_error', 'The broker sent something that is not STOMP; connect again', { cause })
  }

  /** The broker closed the connection, and had said nothing of it. */
  lost(reason: Error | undefined, { dialect }: RelaySession): DroverError {
    this.#browser.report({ type: 'broker_lost', message: reason?.message ?? 'The broker closed the connection' })
    if (reason instanceof FrameTooLarge) return tooLarge(reason, dialect)
    return new DroverError('connection_lost', 'The broker ended this session; connect again')
  }
}

function tooLarge(
  cause: FrameTooLarge,
  { frameSetting = 'the limit on messages of its endpoint' }: Dialect,
): DroverError {
  const found = `The broker behind this bridge ends a session over a frame of ${cause.bytes} bytes`
  return new DroverError('frame_too_large', `${found}; its operator can raise ${frameSetting}`, { cause })
}

function isSayable(text: string, version: StompVersion): boolean {
  try {
    unescapeHeader(text, version)
    return true
  } catch {
    return false // the broker's own words, as they are
  }
}
