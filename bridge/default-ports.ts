/** Where a bridge listens when nothing is said. */
export const defaultHttpPort = 8787
/** Where its embedded broker takes STOMP over TCP. */
export const defaultStompPort = 61613
