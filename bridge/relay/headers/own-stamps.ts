/** The stamps of a session's own messages, made when they are first needed. */
import type { StompVersion } from '../../../shared/frames/mod.ts'
import { sendKind } from '../../../shared/stomp/dialects/mod.ts'
import type { Policy } from '../../grants/policy.ts'
import { createStamp, type Stamp } from './write-send.ts'

export class OwnStamps {
  readonly #policy: Pick<Policy, 'owner' | 'dialect'>
  readonly #version: StompVersion
  #queue: Stamp | undefined
  #topic: Stamp | undefined
  #operator: Stamp | undefined

  /** @param version spoken to the broker */
  constructor(policy: Pick<Policy, 'owner' | 'dialect'>, version: StompVersion) {
    this.#policy = policy
    this.#version = version
  }

  /** @param isOperator whether it goes to a topic by the right of an operator */
  of(destination: string, isOperator: boolean): Stamp {
    if (isOperator) {
      this.#operator ??= this.#made('/topic/', ['drover-operator', 'true'])
      return this.#operator
    }
    if (destination.startsWith('/topic/')) return this.#ofTopic()
    this.#queue ??= this.#made('/queue/')
    return this.#queue
  }

  #ofTopic(): Stamp {
    this.#topic ??= this.#made('/topic/')
    return this.#topic
  }

  #made(destination: string, ...more: [name: string, value: string][]): Stamp {
    const { owner, dialect } = this.#policy
    const headers = [['drover-sender', owner] as const, ...Object.entries(sendKind(dialect, destination)), ...more]
    return createStamp(headers, this.#version)
  }
}
