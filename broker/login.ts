/** The first frame of a connection: which version, whose, and how often hearts beat. STOMP 1.2, 'Connecting'. */
import { DroverError } from '../shared/contract/errors.ts'
import { checkIds, type ScannedFrame, type StompVersion, trimFrame } from '../shared/frames/mod.ts'
import { hintAtBlanks } from '../shared/stomp/errors/blanks.ts'
import { commonVersions } from '../shared/stomp-versions.ts'
import { checkNoBody } from './frame-text.ts'
import { agreeOnHeartBeats, type HeartBeatIntervals } from './heart-beats.ts'
import { type BrokerUser, type LogInOptions, logIn } from './users.ts'

export interface Login {
  readonly version: StompVersion
  readonly user: BrokerUser
  /** Whose share of the broker it uses: the login, or whom a bridge opened it for. */
  readonly owner: string
  /** Names durable subscriptions, with the login. */
  readonly clientId: string | undefined
  readonly heartBeats: HeartBeatIntervals
}

/**
 * Reads CONNECT or STOMP.
 * @param ownHeartBeatMs the shortest interval that the broker offers
 * @throws {DroverError} `frame_invalid`, `unsupported_version`, `not_authenticated`, `too_many_attempts`
 */
export function readLogin(frame: ScannedFrame, options: LogInOptions, ownHeartBeatMs: number): Login {
  if (frame.command !== 'CONNECT' && frame.command !== 'STOMP') {
    throw new DroverError('frame_invalid', `The first frame is ${frame.command}; expected was CONNECT or STOMP`)
  }
  checkNoBody(frame)
  checkIds(frame)
  const accepted = frame.header('accept-version')
  const [version] = commonVersions(accepted)
  if (version === undefined) {
    throw new DroverError(
      'unsupported_version',
      `accept-version is "${accepted?.slice(0, 100)}"; this broker speaks 1.0, 1.1 and 1.2`,
    )
  }
  const said = version === '1.0' ? trimFrame(frame) : frame
  const user = findUser(options, said.header('login'), said.header('passcode'))
  return {
    version,
    heartBeats: agreeOnHeartBeats(said.header('heart-beat'), ownHeartBeatMs),
    user,
    owner: options.owner ?? user.login,
    clientId: said.header('client-id') || undefined,
  }
}

function findUser(options: LogInOptions, login: string | undefined, passcode: string | undefined): BrokerUser {
  try {
    return logIn(options, login, passcode)
  } catch (error) {
    throw hintAtBlanks(error, login, passcode)
  }
}
