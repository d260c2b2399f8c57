/**
 * Which version of STOMP is spoken: to the browser and to the broker alike, so that frames need no translation. Only those of a
 * browser that has nothing but 1.0 are translated.
 */

import type { StompVersion } from '../../shared/frames/mod.ts'
import { type Dialect, versionsFor } from '../../shared/stomp/dialects/mod.ts'
import { brokerVersion } from './stomp-1-0.ts'

export class BrokerVersions {
  #good: readonly StompVersion[] = versionsFor()

  /** Its CONNECTED told this of the broker, and it holds from here on. */
  learn(dialect: Dialect): void {
    this.#good = versionsFor(dialect)
  }

  /**
   * The newest that the browser accepts and that is good with this broker, as far as that is known; 1.0, which has neither
   * escapes nor heart-beats, never: where the browser has nothing else, its frames are turned into 1.1.
   * @param accepted at least one, best first
   */
  choose(accepted: readonly StompVersion[]): StompVersion {
    return (
      accepted.find(version => version !== '1.0' && this.#good.includes(version)) ??
      accepted.find(version => version !== '1.0') ??
      brokerVersion
    )
  }
}
