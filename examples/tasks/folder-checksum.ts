import { createHash } from 'node:crypto'
import { implement } from 'drover/worker'
import { allowedFolder, openInside, piecesOf, walkInside } from './confine.ts'
import { folderChecksum } from './definitions.ts'
import { createThrottle } from './throttle.ts'

/**
 * Reads every file and makes one checksum of all: the one that
 * `find PATH -type f | LC_ALL=C sort | xargs sha256sum | sha256sum` prints in the allowed folder.
 */
export default implement(folderChecksum, async (input, job) => {
  const folder = allowedFolder()
  job.progress(0, 'counting')
  const names: string[] = []
  let allBytes = 0
  for await (const name of walkInside(folder, input.path, job.signal)) {
    await using file = await openInside(folder, name)
    names.push(name)
    allBytes += file.bytes
  }
  const list = createHash('sha256')
  const keepPace = createThrottle(input.max_bytes_per_s)
  // Small pieces when it goes slowly, so that progress shows and a cancel is seen at once.
  const pieceBytes = Math.min(256 * 1024, Math.ceil((input.max_bytes_per_s ?? Number.POSITIVE_INFINITY) / 10))
  let bytes = 0
  for (const name of names.sort()) {
    await using file = await openInside(folder, name)
    const one = createHash('sha256')
    for await (const piece of piecesOf(file, job.signal, pieceBytes)) {
      one.update(piece)
      bytes += piece.length
      job.progress(Math.min(100, (100 * bytes) / Math.max(allBytes, 1)), name)
      await keepPace(bytes, job.signal)
    }
    list.update(`${one.digest('hex')}  ${name}\n`)
  }
  return { sha256: list.digest('hex'), files: names.length, bytes }
})
