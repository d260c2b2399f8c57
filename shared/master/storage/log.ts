/** Storage on an append-only log, whatever keeps it: every write is appended, and now and then only what lives is kept. */
import type { JobState } from '../state/job.ts'
import { type Entry, encodeLine, readLines } from './lines.ts'
import type { JobStorage } from './storage.ts'

/** Where the log is. Calls come one after another. */
export interface LogFile {
  /** Names it in errors. */
  readonly path: string
  /** @returns `undefined` where there is none yet */
  read(): Promise<string | undefined>
  /** Resolves once the text is on disk. */
  append(text: string): Promise<void>
  /** Puts `text` in place of all there was, in one step, and resolves once that is on disk. */
  replace(text: string): Promise<void>
  close(): Promise<void>
}

/** A log shorter than this is left as it is; a longer one is rewritten when it has grown fourfold. */
const leastLength = 1_000_000
const growth = 4

export function logStorage(file: LogFile): JobStorage {
  const jobs = new Map<string, JobState>()
  let masterId: string | undefined
  let length = 0
  let rewriteAt = 0

  async function rewrite(): Promise<void> {
    const head: Entry = { file: 'drover jobs', v: 1, ...(masterId === undefined ? {} : { master_id: masterId }) }
    const text = [head, ...[...jobs.values()].map(put => ({ put }))].map(encodeLine).join('')
    await file.replace(text)
    length = text.length
    rewriteAt = Math.max(leastLength, length * growth)
  }

  return {
    async load() {
      const text = (await file.read()) ?? ''
      const { entries, isTorn } = readLines(text, file.path)
      for (const entry of entries) {
        if ('put' in entry) jobs.set(entry.put.request_id, entry.put)
        else if ('remove' in entry) jobs.delete(entry.remove)
        else masterId = entry.master_id ?? masterId
      }
      length = text.length
      rewriteAt = Math.max(leastLength, length * growth)
      if (isTorn || text === '') await rewrite()
      return { jobs: [...jobs.values()], ...(masterId === undefined ? {} : { master_id: masterId }) }
    },
    async write({ master_id, put, remove }) {
      const entries: Entry[] = []
      if (master_id !== undefined && master_id !== masterId) {
        masterId = master_id
        entries.push({ file: 'drover jobs', v: 1, master_id })
      }
      for (const job of put) {
        jobs.set(job.request_id, job)
        entries.push({ put: job })
      }
      for (const id of remove) {
        jobs.delete(id)
        entries.push({ remove: id })
      }
      if (entries.length === 0) return
      const text = entries.map(encodeLine).join('')
      if (length + text.length > rewriteAt) return rewrite()
      await file.append(text)
      length += text.length
    },
    close: () => file.close(),
  }
}
