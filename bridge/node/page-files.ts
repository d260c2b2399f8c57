/** Reads the built page and widgets from disk; on Deno too, which has `node:fs`. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PageFile } from '../http/page.ts'

/** Beside the sources in a checkout, above this file in the published package. */
const places = ['../../dist/', '../../'].map(place => fileURLToPath(new URL(place, import.meta.url)))

/** @returns nothing when it was not built */
export async function readPageFiles(): Promise<readonly PageFile[]> {
  for (const place of places) {
    const page = await readFolder(join(place, 'page'))
    if (page.length === 0) continue
    return [...page, ...(await readFolder(join(place, 'widgets')))]
  }
  return []
}

async function readFolder(folder: string): Promise<PageFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter(entry => entry.isFile())
  return await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const file = join(parentPath, name)
      const path = `/${relative(folder, file).split(sep).join('/')}`
      return { path, bytes: new Uint8Array(await readFile(file)) }
    }),
  )
}
