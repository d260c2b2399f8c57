/** The events that widgets send to the page around them. Each bubbles and leaves its shadow tree. */
import { type SecretPath, withoutSecrets } from '../shared/contract/secrets.ts'
import type { BroadcastOptions, Master, Outcome } from '../shared/master/mod.ts'

const outward: EventInit = { bubbles: true, composed: true }

export interface DispatchDetail {
  readonly task: string
  readonly input: unknown
  /** `queue` goes to one worker, `topic` to every worker. */
  readonly mode: 'queue' | 'topic'
  readonly options: BroadcastOptions
}

/** A person is about to dispatch a job. `preventDefault()` keeps it from being dispatched. */
export class DroverDispatchEvent extends Event implements DispatchDetail {
  static readonly type = 'drover-dispatch'
  readonly task: string
  readonly input: unknown
  readonly mode: 'queue' | 'topic'
  readonly options: BroadcastOptions

  constructor({ task, input, mode, options }: DispatchDetail) {
    super(DroverDispatchEvent.type, { ...outward, cancelable: true })
    this.task = task
    this.input = input
    this.mode = mode
    this.options = options
  }
}

/** A widget has dispatched a job. */
export class DroverDispatchedEvent extends Event {
  static readonly type = 'drover-dispatched'
  readonly task: string
  readonly request_id: string

  constructor(task: string, requestId: string) {
    super(DroverDispatchedEvent.type, outward)
    this.task = task
    this.request_id = requestId
  }
}

/** A job of this master has ended, dispatched here or elsewhere. Told by `<drover-master>`, once a job. */
export class DroverOutcomeEvent extends Event {
  static readonly type = 'drover-outcome'
  readonly task: string
  readonly request_id: string
  readonly outcome: Outcome

  constructor(task: string, requestId: string, outcome: Outcome) {
    super(DroverOutcomeEvent.type, outward)
    this.task = task
    this.request_id = requestId
    this.outcome = outcome
  }
}

/** A person chose a job or a worker, to see more of it. */
export class DroverSelectEvent extends Event {
  static readonly type = 'drover-select'
  readonly kind: 'job' | 'worker'
  /** `request_id` or `worker_id`. */
  readonly id: string

  constructor(kind: 'job' | 'worker', id: string) {
    super(DroverSelectEvent.type, outward)
    this.kind = kind
    this.id = id
  }
}

export interface EditDetail {
  readonly task: string
  readonly input: unknown
  /** `queue` goes to one worker, `topic` to every worker. */
  readonly mode: 'queue' | 'topic'
}

/**
 * A person wants to change a job's input and dispatch that. A page that sets a form to it calls `preventDefault()`, which
 * says that somebody answers. Secrets are not in it: they are to be entered again.
 */
export class DroverEditEvent extends Event implements EditDetail {
  static readonly type = 'drover-edit'
  readonly task: string
  readonly input: unknown
  readonly mode: 'queue' | 'topic'

  /** @param job may be a job's state, whose secrets are known by their places */
  constructor({ task, input, mode, secrets = [] }: EditDetail & { readonly secrets?: readonly SecretPath[] }) {
    super(DroverEditEvent.type, { ...outward, cancelable: true })
    this.task = task
    this.input = withoutSecrets(input, secrets)
    this.mode = mode
  }
}

/** A `<drover-master>` has another master than before, or none any more. */
export class DroverMasterEvent extends Event {
  static readonly type = 'drover-master'
  readonly master: Master | undefined

  constructor(master: Master | undefined) {
    super(DroverMasterEvent.type, outward)
    this.master = master
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'drover-dispatch': DroverDispatchEvent
    'drover-dispatched': DroverDispatchedEvent
    'drover-outcome': DroverOutcomeEvent
    'drover-select': DroverSelectEvent
    'drover-edit': DroverEditEvent
    'drover-master': DroverMasterEvent
  }
}
