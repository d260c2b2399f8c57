import { implement } from 'drover/worker'
import { allowedFolder, openInside, piecesOf, walkInside } from './confine.ts'
import { logSearch } from './definitions.ts'
import { linesOf } from './lines.ts'
import { wildcard } from './wildcard.ts'

const maxLineLength = 64 * 1024
const maxShownLength = 500

/** Streams each matching line as a partial, with progress by files. */
export default implement(logSearch, async function* (input, job) {
  const folder = allowedFolder()
  const isWanted = wildcard(input.files, { whole: true })
  const matches = wildcard(input.pattern, { ignoreCase: input.ignore_case })
  const names: string[] = []
  for await (const name of walkInside(folder, input.path, job.signal)) {
    if (isWanted(name.slice(name.lastIndexOf('/') + 1))) names.push(name)
  }
  const found = { matches: 0, files: 0, bytes: 0, is_complete: true }
  for (const name of names) {
    job.progress((100 * found.files) / names.length, name)
    await using file = await openInside(folder, name)
    found.files++
    found.bytes += file.bytes
    let line = 0
    for await (const text of linesOf(piecesOf(file, job.signal), maxLineLength)) {
      line++
      if (!matches(text)) continue
      if (found.matches === input.limit) return { ...found, is_complete: false }
      found.matches++
      yield { file: name, line, text: text.slice(0, maxShownLength) }
    }
  }
  return found
})
