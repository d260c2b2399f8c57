import { implement } from 'drover/worker'
import { allowedFolder, openInside, piecesOf } from './confine.ts'
import { imageThumbnail } from './definitions.ts'
import { refusal } from './refusal.ts'

const maxPictureBytes = 64 * 1024 * 1024
const maxPixels = 100_000_000
/** SVG and PDF are programs of a kind, so they are not among them. */
const formats: readonly string[] = ['jpeg', 'png', 'webp', 'gif', 'heif', 'avif', 'tiff']

/** Scales a picture, upright and without its metadata. */
export default implement(imageThumbnail, async (input, job) => {
  const sharp = await loadSharp()
  job.progress(10, 'reading')
  const bytes = await readPicture(input.path, job.signal)
  const picture = sharp(bytes, { limitInputPixels: maxPixels })
  const { format } = await picture.metadata().catch((cause: unknown) => {
    throw refusal('input_invalid', `"${input.path}" is not a picture; give a ${formatList}`, { cause })
  })
  if (!formats.includes(format)) {
    throw refusal('input_invalid', `"${input.path}" is ${format.toUpperCase()}; give a ${formatList}`)
  }
  job.progress(50, 'scaling')
  job.signal.throwIfAborted()
  const scaled = picture.rotate().resize({ width: input.width, withoutEnlargement: true }).toFormat(input.format)
  const { data, info } = await scaled.toBuffer({ resolveWithObject: true })
  return {
    bytes: data.length,
    width: info.width,
    height: info.height,
    data_url: `data:image/${input.format};base64,${data.toString('base64')}`,
  }
})

const formatList = 'JPEG, PNG, WebP, GIF, AVIF or TIFF'

async function loadSharp(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default
  } catch (cause) {
    const message = 'This worker has no "sharp", which reads pictures; run "npm install sharp" where it runs'
    throw refusal('not_allowed_here', message, { cause })
  }
}

async function readPicture(path: string, signal: AbortSignal): Promise<Uint8Array> {
  await using file = await openInside(allowedFolder(), path)
  if (file.bytes > maxPictureBytes) {
    throw refusal('input_invalid', `"${path}" has ${file.bytes} bytes; at most ${maxPictureBytes} are read`)
  }
  const bytes = new Uint8Array(file.bytes)
  let length = 0
  for await (const piece of piecesOf(file, signal)) {
    bytes.set(piece.subarray(0, bytes.length - length), length)
    length += piece.length
    if (length >= bytes.length) break // it grew since it was opened
  }
  return bytes.subarray(0, length)
}
