/** Runs the embedded broker as a process of its own on PORT, for tests that kill it. Its messages are in memory only. */

import { listenTcp } from '../../../../bridge/node/tcp.ts'
import { createEmbeddedBroker, defaultUsers } from '../../../../broker/mod.ts'

const broker = createEmbeddedBroker({
  users: [...defaultUsers, { login: 'nobody', passcode: 'nobody', allow: [] }],
  onEvent: event => console.log(JSON.stringify(event)),
})
await listenTcp({ port: Number(process.env.PORT), accept: broker.accept })
