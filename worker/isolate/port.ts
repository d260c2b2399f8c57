/** The port by which a runtime starts children: threads, and processes of their own. */
import type { ImplementOptions } from '../implement.ts'
import type { FromChild, ToChild } from './messages.ts'

/** Where a task's code runs, if not in the worker itself. */
export type IsolateKind = NonNullable<ImplementOptions['isolate']>

export interface ChildOptions {
  readonly kind: IsolateKind
  /** The largest heap, MiB. Default: the runtime's. */
  readonly memoryMb?: number | undefined
  /** Options of the runtime's command line, for a process. */
  readonly flags?: readonly string[] | undefined
  onMessage(message: FromChild): void
  /** It has ended, and nothing of it goes on. Called once. @param how such as `exit code 1` */
  onEnd(how: string): void
}

export interface Child {
  send(message: ToChild): void
  /**
   * Says that a run is to stop, to code that does not yield.
   * @param why a `stopNumber`
   */
  raise(run: number, why: number): void
  /** Ends it, also while its code computes. `onEnd` follows. */
  kill(): void
}

/** Starts a child that waits for `load`. A child that cannot be started ends. */
export type StartChild = (options: ChildOptions) => Child
