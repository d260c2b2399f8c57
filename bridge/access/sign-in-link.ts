/** The sign-in link: a secret in the address's fragment, exchanged once for a token. Design section 6. */

import { DroverError } from '../../shared/contract/errors.ts'
import { Grants } from '../../shared/contract/token-grants.ts'
import { encodeOwner } from '../../shared/stomp/destinations.ts'
import { timingSafeEqualText } from '../../shared/timing-safe-equal.ts'
import type { Identity } from '../identity.ts'
import { subjectFault } from '../tokens/subject.ts'

export interface SignInLinkOptions {
  readonly grants: Partial<Grants>
  /** Whom the link signs in. */
  readonly owner: string
}

export class SignInLink {
  /** Stands behind `#sign-in=`. */
  readonly secret: string
  readonly #identity: Identity
  readonly #now: () => number
  readonly #until: number
  #isUsed = false

  /**
   * @param now steady, in ms
   * @param lastsMs from now on
   * @throws {DroverError} `config_invalid`
   */
  constructor({ grants, owner }: SignInLinkOptions, secret: string, now: () => number, lastsMs: number) {
    const fault = subjectFault(owner)
    if (fault !== undefined) throw new DroverError('config_invalid', `The owner of the sign-in link ${fault}`)
    this.secret = secret
    this.#identity = {
      subject: owner,
      owner: encodeOwner(owner),
      grants: Grants.parse(grants),
      isConfiguredUser: false,
    }
    this.#now = now
    this.#until = now() + lastsMs
  }

  /**
   * Whom the secret signs in. It can still be asked for until `use`.
   * @throws {DroverError} `not_authenticated`
   */
  identify(given: string): Identity {
    if (!timingSafeEqualText(given, this.secret)) throw refused('it is not the one that this bridge printed last')
    if (this.#isUsed) throw refused('it was used already')
    if (this.#now() >= this.#until) throw refused('it has expired')
    return this.#identity
  }

  /**
   * The link has given its token.
   * @throws {DroverError} `not_authenticated` when it gave one already, to a request that was under way with this one
   */
  use(): void {
    if (this.#isUsed) throw refused('it was used already')
    this.#isUsed = true
  }
}

const refused = (why: string): DroverError =>
  new DroverError('not_authenticated', `The sign-in link does not work: ${why}; restart the bridge for a new one`)
