/** How the bridge reaches its broker: in process, over TCP, or by the broker's own WebSocket endpoint. */

import type { Connect } from '../shared/frames/byte-link.ts'
import type { StompVersion } from '../shared/frames/mod.ts'
import { checkCredentials } from '../shared/stomp/session/credentials.ts'
import { readAddress } from '../shared/stomp/sockets/address.ts'
import type { TlsOptions, TlsSource } from '../shared/stomp/sockets/tls-options.ts'

/** How the bridge logs in to its broker. */
export interface BrokerLogin {
  readonly login: string | undefined
  readonly passcode: string | undefined
  /** The virtual host. */
  readonly host: string
  readonly heartBeatMs: number
}

/** One way to the broker, and the login on arrival. */
export interface Upstream {
  /**
   * @param version that will be spoken: a WebSocket endpoint is asked for its subprotocol
   * @param owner for whom: the embedded broker counts its messages by owner
   */
  connect(version: StompVersion, owner: string): Connect
  readonly login: BrokerLogin
  /** Whether the broker was found to undo escapes in CONNECT. */
  isEscaped?: boolean
  /** For people: no credentials in it. */
  readonly name: string
}

/** The transports of a runtime. */
export interface UpstreamPorts {
  /** @param url `stomp://host:port` or `stomp+ssl://host:port` */
  connectTcp(url: URL, tls: TlsSource | undefined): Connect
  /** @param url `ws://…` or `wss://…` */
  connectWebSocket(url: URL, protocol: string, tls: TlsSource | undefined): Connect
  /** @throws {DroverError} `config_invalid` */
  readTls(tls: TlsOptions | undefined, url: URL): TlsSource | undefined
}

/**
 * The way to a broker by its URL.
 * @param broker `stomp://login:passcode@host:port/vhost`, `stomp+ssl://…`, `ws://…` or `wss://…`
 * @throws {DroverError} `config_invalid`
 */
export function upstreamOf(
  broker: string,
  brokerTls: TlsOptions | undefined,
  ports: UpstreamPorts,
  heartBeatMs: number,
): Upstream {
  const { url, login, passcode, host = '/' } = readAddress(broker)
  checkCredentials({ login, passcode, host })
  const tls = ports.readTls(brokerTls, url)
  const isTcp = url.protocol.startsWith('stomp')
  return {
    connect: version =>
      isTcp ? ports.connectTcp(url, tls) : ports.connectWebSocket(url, `v${version.replace('.', '')}.stomp`, tls),
    login: { login, passcode, host, heartBeatMs },
    name: `${url.protocol}//${url.host}`,
  }
}
