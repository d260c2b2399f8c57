/** Requests of an operator to the bridge with the embedded broker in it. */
import { Buffer } from 'node:buffer'
import { DroverError } from 'drover/contract'
import { defaultHttpPort } from '../../bridge/default-ports.ts'
import { readAddress } from '../../shared/stomp/sockets/address.ts'
import { UsageError } from '../exit.ts'
import { printable } from '../printable.ts'
import { type Env, parseConnectUrl, parsePort } from '../settings.ts'

export interface QueueState {
  readonly name: string
  readonly waiting: number
  readonly delayed: number
  readonly unacknowledged: number
  readonly bytes: number
  readonly consumers: number
  readonly dropped: number
  readonly oldest_at: number | null
  readonly oldest_age_ms: number | null
}

export interface WaitingMessage {
  readonly id: string
  readonly correlation_id?: string
  readonly sender?: string
  readonly bytes: number
  readonly priority: number
  readonly redelivered: boolean
  readonly at?: number
  readonly due_at?: number
}

export interface Overview {
  readonly namespace: string
  /** Whether there is a store. */
  readonly kept: boolean
  readonly queues: readonly QueueState[]
  readonly more: number
}

export interface Preview {
  readonly queue: QueueState | null
  readonly messages: readonly WaitingMessage[]
  /** Of a move: the queue that they would go to. */
  readonly to?: QueueState | null
}

export interface Operated {
  readonly messages: number
  readonly left: number
  readonly stopped_because?: string
}

export interface BridgeRequests {
  /**
   * @param path such as `broker/purge`
   * @param expected members that the answer has
   * @param body makes it a POST
   */
  ask<T>(path: string, expected: readonly (keyof T & string)[], body?: object): Promise<T>
}

/**
 * Makes them.
 * @param given the address of a bridge; default: that of `drover dev` on this machine, as the user of the original set-up
 * @throws {UsageError} for the address of a broker
 */
export function bridgeRequests(given: string | undefined, token: string | undefined, env: Env): BridgeRequests {
  const { url, login, passcode } = readAddress(addressOf(given, env))
  if (url.protocol.startsWith('stomp')) {
    throw new UsageError(
      `Queues are looked into by the bridge with the embedded broker; give its address by --url, such as http://127.0.0.1:${defaultHttpPort}. Other brokers have consoles of their own`,
    )
  }
  url.protocol = url.protocol.replace('ws', 'http')
  const basic = `${login ?? ''}:${passcode ?? ''}`
  const isKnown = token !== undefined && token !== ''
  const authorization = isKnown ? `Bearer ${token}` : `Basic ${Buffer.from(basic).toString('base64')}`
  const isSaid = isKnown || login !== undefined
  return {
    async ask<T>(path: string, expected: readonly (keyof T & string)[], body?: object): Promise<T> {
      const response = await fetch(new URL(path, url), {
        method: body === undefined ? 'GET' : 'POST',
        headers: isSaid ? { authorization } : {},
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch((cause: unknown) => {
        const words = `No bridge answers at ${url.origin}; is it running, and is the address right?`
        throw new DroverError('broker_unreachable', words, { cause })
      })
      const answer = membersOf(await response.json().catch(() => undefined))
      if (response.ok && expected.every(name => name in answer)) return answer as T
      if (response.ok) {
        const words = `${url.origin} answers as no bridge does; is the address right, and is there a proxy before it?`
        throw new DroverError('broker_error', words)
      }
      if (response.status === 404)
        throw new DroverError(
          'unsupported',
          `${new URL('.', url).href} tells of no queues; name the address with the path of the bridge (--base), and upgrade one that is older`,
        )
      const { message } = membersOf(answer['error'])
      const reason = typeof message === 'string' ? printable(message) : `it answered ${response.status}`
      throw new DroverError('broker_error', `${url.origin}: ${reason}`)
    },
  }
}

const membersOf = (json: unknown): Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null ? { ...json } : {}

function addressOf(given: string | undefined, env: Env): string {
  if (given !== undefined) return parseConnectUrl(given, '--url')
  const ofEnv = env['DROVER_URL']
  if (ofEnv !== undefined && ofEnv !== '') return parseConnectUrl(ofEnv, 'DROVER_URL')
  return `ws://foo:bar@127.0.0.1:${parsePort(env['PORT'], 'PORT', defaultHttpPort)}/stomp`
}
