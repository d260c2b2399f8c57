/** Stands in for `sockets.ts` in a page: the connection takes the page's WebSocket by itself. */
export const createSocket = undefined
