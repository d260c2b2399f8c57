/** Which workers have come under one name: a worker that is started again has another id and the name of before. */
import type { WorkerInfo } from './worker-info.ts'

type Named = Pick<WorkerInfo, 'worker_id' | 'name'>

const none: readonly string[] = []

export class Names {
  readonly #ids = new Map<string, Set<string>>()

  /**
   * A worker was heard of.
   * @param before as it was heard of the last time: one that accepted a job may not have said its name then
   * @returns the ids that came under its name earlier; none unless it is new under that
   */
  named({ worker_id, name }: Named, before: Named | undefined): readonly string[] {
    if (before?.name === name) return none
    this.remove(before)
    const ids = this.#ids.get(name) ?? new Set()
    this.#ids.set(name, ids)
    const earlier = [...ids]
    ids.add(worker_id)
    return earlier
  }

  remove(worker: Named | undefined): void {
    if (worker === undefined) return
    const ids = this.#ids.get(worker.name)
    ids?.delete(worker.worker_id)
    if (ids?.size === 0) this.#ids.delete(worker.name)
  }
}
