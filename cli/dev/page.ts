/** Builds the page when its sources are newer than the build: only in a checkout, since the published package is built. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packageFolder } from '../executables.ts'
import type { Output } from '../output.ts'

interface BrowserBuild {
  buildBrowser(root: string): Promise<void>
  isBrowserStale(root: string): Promise<boolean>
}

/** A build that fails is told, and the bridge serves the page of before. */
export async function preparePage(output: Output): Promise<void> {
  const script = join(packageFolder, 'scripts/build/browser.ts')
  if (!existsSync(script)) return
  try {
    // Not a plain import: the published package has neither the script nor Vite.
    const { buildBrowser, isBrowserStale } = (await import(pathToFileURL(script).href)) as BrowserBuild
    if (!(await isBrowserStale(packageFolder))) return
    if (!existsSync(join(packageFolder, 'node_modules/vite'))) {
      output.event('drover', 'the page is not built, for want of Vite: npm ci && npm run build makes it', 'warn')
      return
    }
    output.event('drover', 'building the page')
    await buildBrowser(packageFolder)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    output.event('drover', `the page could not be built: ${why}`, 'warn')
  }
}
