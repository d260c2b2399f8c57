/** Where a session's jobs come from, by subscription. One that has ended may still bring messages. */
import { LazyMap, LazySet } from '../../shared/lazy-collections.ts'
import type { SubscribeRule } from '../grants/policy.ts'

/** Where a subscription's jobs come from. */
export interface JobSubscription {
  readonly destinations: readonly string[]
  /** The one that their passes say, where that is another. */
  readonly passOf?: string
  /** It has ended: a message on its way goes back to the broker, or counts as acknowledged by being sent (ack mode `auto`). */
  readonly ended?: 'goes back' | 'is sent'
}

const maxEnded = 100

export class JobSubscriptions {
  readonly #sources = new LazyMap<string, JobSubscription>()
  /** The oldest first. */
  readonly #ended = new LazySet<string>()

  get size(): number {
    return this.#sources.size
  }

  get(subscription: string): JobSubscription | undefined {
    return this.#sources.get(subscription)
  }

  /** @param source `undefined`: it brings no jobs */
  opened(subscription: string, source: JobSubscription | undefined): void {
    this.#ended.delete(subscription)
    if (source === undefined) this.#sources.delete(subscription)
    else this.#sources.set(subscription, source)
  }

  /** @param ended how that treats messages on their way */
  ended(subscription: string, ended: 'goes back' | 'is sent'): void {
    const source = this.#sources.get(subscription)
    if (source === undefined) return
    this.#sources.set(subscription, { ...source, ended })
    this.#ended.add(subscription)
    const [oldest] = this.#ended
    if (this.#ended.size <= maxEnded || oldest === undefined) return
    this.#ended.delete(oldest)
    this.#sources.delete(oldest)
  }
}

/** Where the jobs of a subscription come from, if it brings any. @param destination of its SUBSCRIBE */
export function sourceOf(
  rule: Exclude<SubscribeRule, { refuse: string }>,
  destination: string,
): JobSubscription | undefined {
  if (rule.allow === 'jobs') return { destinations: rule.destinations }
  return rule.allow === 'control' ? { destinations: [destination], passOf: rule.broadcast } : undefined
}

/** Whether it brings dead letters, of which the session may send some again. */
export const isOfLetters = (rule: SubscribeRule): boolean =>
  'allow' in rule && rule.allow === 'messages' && rule.isLetters === true
