/** Runs the embedded broker as a process of its own on PORT, for tests that kill it. It keeps its messages in the file DATA, if that is named. */

import { listenTcp } from '../../../../bridge/node/tcp.ts'
import { createEmbeddedBroker, defaultUsers } from '../../../../broker/mod.ts'
import { openStore } from '../../../../broker/store/node.ts'

const { DATA: data, PORT: port } = process.env
const broker = createEmbeddedBroker({
  users: [...defaultUsers, { login: 'nobody', passcode: 'nobody', allow: [] }],
  onEvent: event => console.log(JSON.stringify(event)),
  ...(data === undefined ? {} : { store: openStore(data) }),
})
await listenTcp({ port: Number(port), accept: broker.accept })
