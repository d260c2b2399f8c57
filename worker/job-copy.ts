/** A copy of a job: several masters may wait for one, and each sent its own. */
import type { Delivery } from './delivery.ts'
import type { JobOrigin } from './settle/job-headers.ts'

/** A job as it was delivered: one master waits for its outcome. Delivered again, the newer copy takes the place of the older. */
export interface Copy {
  /** Its headers, pass included, are those of the newest delivery: a bridge with another secret honours no older one. */
  readonly origin: JobOrigin
  readonly body: string
  /** What settles it. Absent for a broadcast. */
  readonly delivery: Delivery | undefined
  /** Which of the worker's connections brought it. */
  readonly connection: number
}

/** So many masters may wait for one job. */
export const maxCopies = 16
