/** The bridge as an operator runs it: a token for every session, grants, stamps, passes and header checks on. */

import { serveBridge } from '../../bridge/node.ts'
import { boundYoungSpace } from '../../cli/serve/young-space.ts'
import { serve } from './peer.ts'

boundYoungSpace()
const bridge = await serveBridge({
  port: 0,
  broker: process.env.UPSTREAM ?? 'embedded',
  users: [],
  secret: process.env.SECRET ?? '',
  ...(process.env.UPSTREAM ? {} : { stompPort: 0 }),
})
serve(`${bridge.url.replace(/^http/, 'ws')}/stomp`)
