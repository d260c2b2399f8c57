/** Who logs in at the measured peers: at a pipe the broker's own user, and at the bridge somebody with a token. */
import { mintToken } from '../bridge/tokens/mint.ts'
import type { Grants } from '../shared/contract/grants.ts'

/** Of the bridge. */
export const secret = 'a secret that is long enough for HS256 to take'

/** Of each broker. */
export const user = { login: 'foo', passcode: 'bar' }

export type Logins = Readonly<Record<'master' | 'worker', Record<string, string>>>

/** Before a pipe. */
export const users: Logins = { master: user, worker: user }

/** A token that outlasts each measurement. */
export const tokenFor = (grants: Partial<Grants>): Promise<string> =>
  mintToken({ secret, sub: 'ada', grants: { ns: 'myapp', ...grants }, expiresInMs: 3_600_000 })

/** Before the bridge, for the task `bench`. */
export const tokenLogins = async (): Promise<Logins> => ({
  master: { passcode: await tokenFor({ dispatch: ['bench'], broadcast: ['bench'] }) },
  worker: { passcode: await tokenFor({ work: ['bench'] }) },
})
