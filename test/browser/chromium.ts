/** Starts the browser that tests drive. */
import { type Browser, chromium } from 'playwright-core'
import { findChromium } from '../../scripts/test/chromium.ts'

/** So that it does not reach for the network by itself. */
export const chromiumArgs: string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

/** How to start it, for Playwright. */
export function chromiumOptions(): { executablePath: string; args: string[] } {
  const executablePath = findChromium()
  if (executablePath === undefined) {
    throw new Error('No Chromium was found; npm test gets one, or DROVER_CHROMIUM says where it is')
  }
  return { executablePath, args: chromiumArgs }
}

/** Starts one without anything that would reach for the network by itself. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch(chromiumOptions())
}
