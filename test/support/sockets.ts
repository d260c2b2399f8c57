/** The socket of the runtime that the tests run in. */
export { createNodeSocket as createSocket } from '../../shared/stomp/node.ts'
