import { moveToEthernet } from './ethernet.ts'

/**
 * `npm run bench [NAME…]`: all, or those named here. docs/measurements.md lists the variables that set sizes; NETWORK=loopback
 * leaves packets as large as the loopback has them.
 */
const benches: Record<string, () => Promise<void>> = {
  bridge: async () => (await import('./bridge.ts')).benchBridge(),
  embedded: async () => (await import('./embedded.ts')).benchEmbedded(),
  'master-replies': async () => (await import('./master-replies.ts')).benchMasterReplies(),
  hold: async () => (await import('./hold.ts')).benchHold(),
  jobs: async () => (await import('./jobs.ts')).benchJobs(),
  presence: async () => (await import('./presence.ts')).benchPresence(),
  seal: async () => (await import('./seal.ts')).benchSeal(),
  sessions: async () => (await import('./sessions.ts')).benchSessions(),
  state: async () => (await import('./state.ts')).benchState(),
  store: async () => (await import('./store.ts')).benchStore(),
  traffic: async () => (await import('./traffic.ts')).benchTraffic(),
}

const wanted = process.argv.slice(2)
const unknown = wanted.find(name => !Object.hasOwn(benches, name))
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}"; expected ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}
moveToEthernet()
for (const name of wanted.length > 0 ? wanted : Object.keys(benches)) await benches[name]!()
process.exit(0)
