/** Stores jobs as a version does on Deno: `store-deno.ts CHECKOUT JOBS FILE`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type { JobState } from '../../../shared/master/mod.ts'

const [, , folder = '', from = '', into = ''] = process.argv
const module = pathToFileURL(join(folder, 'shared/master/storage/deno-file.ts')).href
const { fileStorage } = (await import(module)) as typeof import('../../../shared/master/storage/node-file.ts')
const storage = fileStorage(into)
await storage.load()
await storage.write({ master_id: 'm', put: JSON.parse(readFileSync(from, 'utf8')) as JobState[], remove: [] })
await storage.close()
