/** Finds jobs by their text: task, id, tags, key and input. */
import type { JobState } from '../../shared/master/mod.ts'

/** So much of an input is searched, that 10 000 large ones fit. */
const searchedCharacters = 2000

export class JobSearch {
  /** An input is the same object in every state of its job. */
  readonly #texts = new WeakMap<object, string>()

  /** @param words each has to be in it, in any order, upper or lower case */
  matches(job: JobState, words: readonly string[]): boolean {
    if (words.length === 0) return true
    const head = [job.task, job.request_id, ...(job.tags ?? []), job.key ?? ''].join(' ').toLowerCase()
    return words.every(word => head.includes(word) || this.#inputOf(job).includes(word))
  }

  #inputOf({ input, unopened }: JobState): string {
    if (unopened !== undefined) return ''
    if (typeof input !== 'object' || input === null) return String(input).slice(0, searchedCharacters).toLowerCase()
    let text = this.#texts.get(input)
    if (text === undefined) {
      text = write(input).slice(0, searchedCharacters).toLowerCase()
      this.#texts.set(input, text)
    }
    return text
  }
}

/** A job's address, pasted as it is, stands for the id at its end. */
const address = /^\S+:\/\/\S*\/([0-9a-f-]{36})$/i

export const wordsOf = (query: string): readonly string[] =>
  query
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map(word => address.exec(word)?.[1] ?? word)

function write(input: object): string {
  try {
    return JSON.stringify(input)
  } catch {
    return '' // nested too deep to be written, so it cannot be searched
  }
}
