/** The versions of STOMP that Drover speaks, best first. */
export const stompVersions = ['1.2', '1.1', '1.0'] as const

/** What a WebSocket calls them, best first. Which version is spoken is agreed on in CONNECT. */
export const subprotocols: string[] = ['v12.stomp', 'v11.stomp', 'v10.stomp']

export type StompVersion = (typeof stompVersions)[number]

/**
 * What both sides speak, best first.
 * @param offered header `accept-version` of CONNECT; who speaks 1.0 alone has none
 */
export function commonVersions(offered: string = '1.0'): readonly StompVersion[] {
  const named = offered.split(',').map(version => version.trim())
  return stompVersions.filter(version => named.includes(version))
}
