/** How long the broker lets a worker hold a job unacknowledged: shipped so, told by the operator, or learned as it took one back. */

import { defaultTimeoutMs } from '../../shared/contract/default-timeouts.ts'
import type { Dialect } from '../../shared/stomp/mod.ts'

type Ways = Pick<Dialect, 'name' | 'maxUnackedMs' | 'takesBack'>

export class UnackedLimit {
  readonly #toldMs: number | undefined
  #learnedMs: number | undefined

  /** @param toldMs by the operator */
  constructor(toldMs?: number) {
    this.#toldMs = toldMs
  }

  /** The limit that is certain; `undefined` before anybody told it, for a broker may be configured otherwise than it is shipped. */
  get knownMs(): number | undefined {
    return this.#learnedMs ?? this.#toldMs
  }

  /** The limit that is certain, else that of the broker as it is shipped. */
  mostMs({ maxUnackedMs }: Pick<Dialect, 'maxUnackedMs'>): number | undefined {
    return this.knownMs ?? maxUnackedMs
  }

  /** Another worker, or the broker, said it. */
  learn(ms: number): void {
    this.#learnedMs = ms
  }

  /** Reads why a connection ended. @returns whether the broker took a job back; it said then how long it allows */
  learnFrom({ takesBack }: Ways, { message }: Error): boolean {
    const ms = Number(takesBack?.saysMs.exec(message)?.[1])
    if (!(ms > 0)) return false
    this.learn(ms)
    return true
  }

  /** Why a job is ended, for its sender and for operators. At most 500 characters. */
  whyEnded({ name, takesBack }: Ways): string {
    return `The job was not done within ${durationOf(this.knownMs ?? 0)}. After that this broker (${name}) takes it back, with all other jobs of its worker, to run them again; raise its ${settingOf(takesBack)} above the longest job, then start the worker again`
  }

  /**
   * Says how tasks will fare that may run longer than the broker waits for an ACK.
   * @param tasks one without a `timeoutMs` of its own may take as long as a queued job has by default, 1 h
   * @returns one sentence, or `undefined` where there is nothing to say
   * @example
   * ```ts ignore
   * new UnackedLimit().atStart(rabbitmq, [{ name: 'video.encode', timeoutMs: 7_200_000 }])
   * ```
   */
  atStart(
    dialect: Ways,
    tasks: readonly { readonly name: string; readonly timeoutMs?: number | undefined }[],
  ): string | undefined {
    const mostMs = this.mostMs(dialect)
    if (mostMs === undefined) return undefined
    const longer = tasks
      .filter(({ timeoutMs = defaultTimeoutMs.queue }) => timeoutMs > mostMs)
      .map(task => `"${task.name}"`)
    if (longer.length === 0) return undefined
    const { name, takesBack } = dialect
    const setting = settingOf(takesBack)
    const names = longer.join(', ')
    if (this.knownMs !== undefined)
      return `This broker (${name}) takes a job back that is not done within ${durationOf(mostMs)}, as this worker was told (--unacked-limit, limits.maxUnackedMs): it ends such a job before that, with an error. ${names} may run longer: raise both this and the broker's ${setting}, or give them a timeoutMs below it`
    return `This broker (${name}) takes a job back that is not done within ${durationOf(mostMs)}, unless it is configured otherwise, and all others of this worker with it. ${names} may run longer: raise its ${setting} above that, or give them a timeoutMs below it. Tell this worker what the broker allows (--unacked-limit, limits.maxUnackedMs), and it ends such a job in time, alone`
  }
}

const settingOf = (takesBack: Ways['takesBack']): string => takesBack?.setting ?? 'limit for unacknowledged messages'

function durationOf(ms: number): string {
  const minutes = ms / 60_000
  if (Number.isInteger(minutes)) return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`
  return `${ms / 1_000} s`
}
