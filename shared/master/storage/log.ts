/** Storage on an append-only log: every write is appended, and now and then the log is rewritten with live entries only. */
import { checkDepth, storeApart } from './apart.ts'
import { Entries } from './entries.ts'
import { encodeLine, readLines } from './lines.ts'
import type { JobStorage, Unstored } from './storage.ts'

/** Where the log is. Calls come one after another. */
export interface LogFile {
  /** Names it in errors. */
  readonly path: string
  /**
   * Claims the file for this master, as far as there is room for that, and reads it.
   * @returns `undefined` where there is none yet
   */
  read(): Promise<string | undefined>
  /** Resolves once the text is on disk; when it rejects, nothing of it will be read. */
  append(text: string): Promise<void>
  /** Puts `text` in place of all there was, in one step, and resolves once that is on disk. */
  replace(text: string): Promise<void>
  close(): Promise<void>
}

/** A log shorter than this is left as it is; a longer one is rewritten when it has grown fourfold. */
const leastCharacters = 1_000_000
const growth = 4

export function logStorage(file: LogFile): JobStorage {
  const entries = new Entries()
  let length = 0
  let rewriteAt = 0
  /** The file on disk cannot be appended to. */
  let isUnfit = false

  async function rewrite(): Promise<void> {
    const text = entries.text()
    await file.replace(text)
    length = text.length
    rewriteAt = Math.max(leastCharacters, length * growth)
    isUnfit = false
  }

  async function append(text: string): Promise<void> {
    if (text === '') return
    if (length + text.length > rewriteAt) {
      // Without room for a shorter file the longer one goes on.
      const isDone = await rewrite().then(
        () => true,
        () => false,
      )
      if (isDone) return
      rewriteAt = length * growth
    }
    await file.append(text)
    length += text.length
  }

  return {
    async load() {
      const text = (await file.read()) ?? ''
      const { lines, isTorn } = readLines(text, file.path)
      for (const line of lines) entries.read(line, file.path)
      length = text.length
      rewriteAt = Math.max(leastCharacters, length * growth)
      isUnfit = isTorn || text === ''
      // A full disk is told by the first write, and jobs that are there are shown meanwhile.
      if (isUnfit) await rewrite().catch(error => isOfRoom(error) || Promise.reject(error))
      const { masterId, letGo, unread } = entries
      return {
        jobs: [...entries.jobs.values()],
        ...(masterId === undefined ? {} : { master_id: masterId }),
        ...(letGo === undefined ? {} : { let_go: letGo }),
        ...(unread.length === 0 ? {} : { unread }),
      }
    },
    async write({ master_id, let_go, put, remove }) {
      if (isUnfit) await rewrite()
      entries.masterId = master_id ?? entries.masterId
      entries.letGo = let_go ?? entries.letGo
      for (const id of remove) entries.remove(id)
      const head = master_id === undefined && let_go === undefined ? '' : entries.head()
      const first = head + remove.map(id => encodeLine({ remove: id })).join('')
      const texts = new Map<string, string>()
      const unstored: Unstored[] = []
      for (const job of put) {
        try {
          checkDepth(job)
          texts.set(job.request_id, encodeLine({ put: job }))
          entries.put(job)
        } catch (cause) {
          unstored.push({ request_id: job.request_id, cause })
        }
      }
      const storable = put.filter(({ request_id }) => texts.has(request_id))
      let isFirstIn = false
      const others = await storeApart(storable, async jobs => {
        const text = jobs.map(({ request_id }) => texts.get(request_id)).join('')
        await append(isFirstIn ? text : first + text)
        isFirstIn = true
      })
      return [...unstored, ...others]
    },
    async erase() {
      entries.clear()
      await rewrite()
    },
    close: () => file.close(),
  }
}

/** Whether only room is missing: on the disk, in a quota, or in the size that a process may write. */
export function isOfRoom(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG'
}
