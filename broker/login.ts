/** The first frame of a connection: which version, whose, and how often hearts beat. STOMP 1.2, 'Connecting'. */
import { DroverError } from '../shared/contract/errors.ts'
import { checkIds, type ScannedFrame, type StompVersion, trimFrame } from '../shared/frames/mod.ts'
import { hintAtBlanks } from '../shared/stomp/blanks.ts'
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

const versions: readonly StompVersion[] = ['1.2', '1.1', '1.0']

/**
 * Reads CONNECT or STOMP.
 * @param ownHeartBeatMs the shortest interval that the broker offers
 * @throws {DroverError} `frame_invalid`, `unsupported_version`, `not_authenticated`, `too_many_attempts`
 */
export function readLogin(frame: ScannedFrame, options: LogInOptions, ownHeartBeatMs: number): Login {
  if (frame.command !== 'CONNECT' && frame.command !== 'STOMP') {
    throw new DroverError('frame_invalid', `The first frame is ${frame.command}; expected was CONNECT or STOMP`)
  }
  if (frame.hasBody) {
    throw new DroverError('frame_invalid', `${frame.command} has a body; in STOMP only SEND may have one`)
  }
  checkIds(frame)
  // A 1.0 peer does not say what it accepts
  const accepted = (frame.header('accept-version') ?? '1.0').split(',').map(version => version.trim())
  const version = versions.find(version => accepted.includes(version))
  if (!version) {
    throw new DroverError(
      'unsupported_version',
      `accept-version is "${accepted.join(',').slice(0, 100)}"; this broker speaks 1.0, 1.1 and 1.2`,
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
