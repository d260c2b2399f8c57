/**
 * The example tasks as both sides know them: names and schemas, nothing that runs. A page that only wants the types
 * writes `import type`, and bundles none of this.
 */
import { defineTask, type Task } from 'drover/contract'
import * as z from 'zod'

const HostFactsInput = z.object({})
const HostFactsOutput = z.object({
  hostname: z.string(),
  os: z.string().describe('name, release and architecture'),
  cpus: z.int(),
  cpu_model: z.string(),
  memory_bytes: z.int(),
  free_memory_bytes: z.int(),
  load_1m: z.number().describe('load average of the last minute; 0 where the system keeps none'),
  uptime_ms: z.int().describe('of the machine'),
  runtime: z.string(),
  pid: z.int(),
  process_uptime_ms: z.int().describe('of the worker'),
})

/** Made for a broadcast: the machine that each worker runs on. */
export const hostFacts: Task<'host.facts', typeof HostFactsInput, typeof HostFactsOutput> = defineTask('host.facts', {
  description: 'The machine that each worker runs on',
  input: HostFactsInput,
  output: HostFactsOutput,
})

const LogSearchInput = z.object({
  pattern: z
    .string()
    .min(1)
    .max(200)
    .describe('text to find in a line; * stands for any text, \\* for a star')
    .meta({ examples: ['error', 'GET * 502'] }),
  path: z
    .string()
    .max(1000)
    .default('.')
    .describe('a file or folder below the allowed one')
    .meta({ examples: ['logs', 'logs/older'] }),
  files: z
    .string()
    .min(1)
    .max(200)
    .default('*')
    .describe('names of the files to read, such as *.log')
    .meta({ examples: ['*.log'] }),
  ignore_case: z.boolean().default(false),
  limit: z.int().min(1).max(10_000).default(100).describe('stop after so many matches'),
})
/** One match: a partial of `log.search`. */
export const LogMatch: z.ZodObject<{ file: z.ZodString; line: z.ZodInt; text: z.ZodString }> = z.object({
  file: z.string(),
  line: z.int(),
  text: z.string(),
})
export type LogMatch = z.infer<typeof LogMatch>
const LogSearchOutput = z.object({
  matches: z.int(),
  files: z.int(),
  bytes: z.int(),
  is_complete: z.boolean().describe('false when the limit ended the search'),
})

/** Made for a broadcast: each worker searches its own files; matches stream as partials. */
export const logSearch: Task<'log.search', typeof LogSearchInput, typeof LogSearchOutput> = defineTask('log.search', {
  description: 'Finds lines in the files of each worker',
  input: LogSearchInput,
  output: LogSearchOutput,
  timeoutMs: 5 * 60_000,
})

const ThumbnailInput = z.object({
  path: z
    .string()
    .min(1)
    .max(1000)
    .describe('a JPEG, PNG, WebP, GIF, AVIF or TIFF picture below the allowed folder')
    .meta({ examples: ['pictures/dusk.jpg', 'pictures/noon.png'] }),
  width: z.int().min(16).max(1024).default(320).describe('in pixels; a smaller picture stays as it is'),
  format: z.enum(['webp', 'jpeg', 'png']).default('webp'),
})
const ThumbnailOutput = z.object({
  bytes: z.int(),
  width: z.int(),
  height: z.int(),
  data_url: z.string(),
})

/** For one worker: a small version of a picture. */
export const imageThumbnail: Task<'image.thumbnail', typeof ThumbnailInput, typeof ThumbnailOutput> = defineTask(
  'image.thumbnail',
  {
    description: 'Makes a small version of a picture',
    input: ThumbnailInput,
    output: ThumbnailOutput,
    timeoutMs: 60_000,
  },
)

const ChecksumInput = z.object({
  path: z
    .string()
    .max(1000)
    .default('.')
    .describe('a file or folder below the allowed one')
    .meta({ examples: ['pictures', 'logs/web.log'] }),
  max_bytes_per_s: z.int().min(1000).optional().describe('read no faster than this, to spare a busy disk'),
})
const ChecksumOutput = z.object({
  sha256: z.string().describe('of the list that sha256sum prints for the files, sorted by path'),
  files: z.int(),
  bytes: z.int(),
})

/** For one worker: reads everything in a folder, which may take long and can be cancelled. */
export const folderChecksum: Task<'folder.checksum', typeof ChecksumInput, typeof ChecksumOutput> = defineTask(
  'folder.checksum',
  {
    description: 'Makes one checksum of all files in a folder',
    input: ChecksumInput,
    output: ChecksumOutput,
    timeoutMs: 60 * 60_000,
  },
)
