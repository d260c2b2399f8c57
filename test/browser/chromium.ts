/** Finds and starts the browser that tests drive. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome']

/** `DROVER_CHROMIUM`, else where systems put it. */
export function findChromium(): string | undefined {
  const named = process.env.DROVER_CHROMIUM
  if (named) return named
  return places.find(place => existsSync(place))
}

/** Starts one without anything that would reach for the network by itself. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) {
    throw new Error('No Chromium was found; install Debian\'s "chromium", or say by DROVER_CHROMIUM where it is')
  }
  return await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  })
}
