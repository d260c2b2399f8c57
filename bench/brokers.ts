/** How brokers are started to be measured: with room, and without the options by which tests start Java soon and run it slowly. */
import type { StartOptions } from '../test/support/brokers/start.ts'

export const fair: StartOptions = { heap: '512m', env: { JAVA_OPTS: '' } }
