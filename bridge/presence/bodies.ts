/** Bodies of the messages by which pages are told of workers. */
import { wireVersion } from '../../shared/contract/mod.ts'

/** Characters of one body, about: a page has to take it whole. */
const maxBody = 128 * 1024

/** A worker, in a body. @param silentMs for how long it has said nothing */
export const itemOf = (task: string, silentMs: number, said: unknown): string =>
  JSON.stringify({ task, ...silence(silentMs), said })

/** A worker that is known, in a body. @param now the facts that changed */
export const changedItemOf = (workerId: string, silentMs: number, now: object): string =>
  JSON.stringify({ worker_id: workerId, ...silence(silentMs), now })

const silence = (ms: number): object => (ms > 0 ? { silent_ms: ms } : {})

/**
 * Bodies that have all these items.
 * @param isSnapshot then there is one at least
 */
export function bodiesOf(items: readonly string[], isSnapshot: boolean): readonly string[] {
  const bodies: string[] = []
  let start = 0
  do {
    let end = start
    for (let size = 0; end < items.length && (size === 0 || size + items[end]!.length <= maxBody); end++) {
      size += items[end]!.length
    }
    const snapshot = isSnapshot && start === 0 ? '"snapshot":true,' : ''
    bodies.push(`{"v":${wireVersion},"type":"changes",${snapshot}"workers":[${items.slice(start, end).join(',')}]}`)
    start = end
  } while (start < items.length)
  return bodies
}

/** The last one. */
export const endBody: string = `{"v":${wireVersion},"type":"changes","ended":true}`
