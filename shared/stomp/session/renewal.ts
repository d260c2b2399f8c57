/**
 * A new token for a session that is open, before its own ends, so that nothing that it was handed comes again. Where that does
 * not succeed the session ends with its token, and another follows.
 */
import type { Clock } from '../../clock.ts'
import { numberIn, objectInBase64url } from '../../contract/json-values.ts'
import { renewDestination } from '../destinations.ts'
import type { BrokerSession } from '../stomp.ts'
import { tokenWithin, wrongToken } from './credentials.ts'
import type { Link } from './link.ts'

/** The longest time before its end in which a token is renewed. */
const longestLeadMs = 300_000
/** The shortest wait before the token function is asked again. With less left the session ends. */
const leastWaitMs = 250

export interface RenewalPorts {
  readonly token: () => string | Promise<string>
  /** How long the token function may take. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly random: () => number
}

export interface Renewal {
  /** @param token that the session was opened with */
  opened(link: Pick<Link, 'sender'>, session: BrokerSession, token: string | undefined): void
  stop(): void
}

export function createRenewal({ token, timeoutMs, clock, random }: RenewalPorts): Renewal {
  let stopTimer = (): void => {}
  /** Another object for each session. */
  let current: object | undefined

  const stop = (): void => {
    stopTimer()
    current = undefined
  }

  return {
    stop,
    opened({ sender }, session, first) {
      stop()
      if (session.features?.includes('renew') !== true) return
      const me = {}
      current = me
      const leftMs = (exp: number): number => {
        const { clockOffsetMs } = session
        return exp * 1000 - (clockOffsetMs === undefined ? clock.now() : clockOffsetMs + clock.steady())
      }
      const renew = async (exp: number): Promise<void> => {
        try {
          const given = await tokenWithin(timeoutMs, token, clock)
          const later = wrongToken(given) === undefined ? expOf(given) : undefined
          if (current !== me) return
          if (later !== undefined && later > exp) {
            await sender.send({ destination: renewDestination, body: given }, { isAlone: true })
            return plan(later)
          }
        } catch {
          // It is asked again, as long as there is time; a refusal has ended the session
        }
        const left = leftMs(exp)
        if (left > leastWaitMs) waitFor(Math.max(leastWaitMs, left / 2), exp)
      }
      const waitFor = (ms: number, exp: number): void => {
        if (current === me) stopTimer = clock.timer(ms, () => void renew(exp))
      }
      const plan = (exp: number): void => {
        const left = leftMs(exp)
        // Not all in one instant, where many began in one
        waitFor(left - Math.min(left / 3, longestLeadMs) * (1 - random() / 4), exp)
      }
      const exp = expOf(first)
      if (exp !== undefined) plan(exp)
    },
  }
}

/** When a JWT ends, in s since the epoch; `undefined` for any other text. */
export function expOf(token: string | undefined): number | undefined {
  const [, payload, signature] = token?.split('.') ?? []
  if (payload === undefined || signature === undefined) return undefined
  return numberIn(objectInBase64url(payload)?.exp)
}
