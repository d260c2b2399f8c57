/** Which workers have come under one name: a worker that is started again has another id and the name of before. */
import type { WorkerInfo } from './worker-info.ts'

type Named = Pick<WorkerInfo, 'worker_id' | 'name'>

const none: readonly string[] = []
/** Many may share a name, and each that comes looks at those before it. */
const most = 100

export class Names {
  /** In the order in which they came. */
  readonly #ids = new Map<string, string[]>()

  /**
   * A worker was heard of.
   * @param before as it was heard of the last time: one that accepted a job may not have said its name then
   * @returns the ids that came under its name earlier, of many the last; none unless it is new under that
   */
  named({ worker_id, name }: Named, before: Named | undefined): readonly string[] {
    if (before?.name === name) return none
    this.remove(before)
    const ids = this.#ids.get(name) ?? []
    this.#ids.set(name, ids)
    const earlier = ids.slice(-most)
    ids.push(worker_id)
    return earlier
  }

  remove(worker: Named | undefined): void {
    if (worker === undefined) return
    const ids = this.#ids.get(worker.name)
    const at = ids?.indexOf(worker.worker_id) ?? -1
    if (at >= 0) ids?.splice(at, 1)
    if (ids?.length === 0) this.#ids.delete(worker.name)
  }
}
