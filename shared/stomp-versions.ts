/** The versions of STOMP that Drover speaks, best first. */
export const stompVersions = ['1.2', '1.1', '1.0'] as const

/** Their names as subprotocols of a WebSocket, best first. The version to speak is agreed on in CONNECT. */
export const subprotocols: string[] = ['v12.stomp', 'v11.stomp', 'v10.stomp']

export type StompVersion = (typeof stompVersions)[number]

/**
 * The versions that both sides speak, best first.
 * @param offered header `accept-version` of CONNECT; a side that speaks 1.0 alone has none
 */
export function commonVersions(offered: string = '1.0'): readonly StompVersion[] {
  const named = offered.split(',').map(version => version.trim())
  return stompVersions.filter(version => named.includes(version))
}
