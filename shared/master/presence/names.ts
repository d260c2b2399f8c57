/** Which workers have come under one name: a worker that is started again has another id and the name of before. */
import type { WorkerInfo } from './worker-info.ts'

type Named = Pick<WorkerInfo, 'worker_id' | 'name'>

export class Names {
  readonly #ids = new Map<string, Set<string>>()

  /** @returns the ids that came under its name before */
  add({ worker_id, name }: Named): readonly string[] {
    const ids = this.#ids.get(name) ?? new Set()
    this.#ids.set(name, ids)
    const before = [...ids]
    ids.add(worker_id)
    return before
  }

  remove(worker: Named | undefined): void {
    if (worker === undefined) return
    const ids = this.#ids.get(worker.name)
    ids?.delete(worker.worker_id)
    if (ids?.size === 0) this.#ids.delete(worker.name)
  }
}
