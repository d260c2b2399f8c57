/**
 * The browser that tests drive: one that is there, Debian's, or else the one that an npm package brings. First comes the
 * headless shell, Chromium without its windows and menus, in which the same tests take half of the processor's time.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Ran, run } from './commands.ts'
import { isExecutable } from './on-path.ts'
import { cacheFolder } from './prepared.ts'

const headlessShell = '/usr/bin/chromium-headless-shell'
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome']

// Kept by Chromium release, and complete in itself; the other packages download when they are installed
const npmPackage = '@sparticuz/chromium'
const npmVersion = '153.0.0'
const npmFolder = join(cacheFolder, `chromium-npm-${npmVersion}`)
const npmChromium = join(npmFolder, 'unpacked', 'chromium')

export const hasHeadlessShell = (): boolean => isExecutable(headlessShell)

/** `DROVER_CHROMIUM`, else the headless shell, else the result of `findWholeChromium`. */
export function findChromium(): string | undefined {
  return process.env.DROVER_CHROMIUM || (hasHeadlessShell() ? headlessShell : findWholeChromium())
}

/** One that reads a person's preferences: `DROVER_CHROMIUM`, else where systems put it, else where `fetchChromium` left it. */
export function findWholeChromium(): string | undefined {
  return process.env.DROVER_CHROMIUM || [...places, npmChromium].find(isExecutable)
}

/** Gets it from npm, for where no system package may be installed. */
export async function fetchChromium(): Promise<Ran> {
  const part = `${npmFolder}.${process.pid}`
  const unpacked = join(part, 'unpacked')
  await mkdir(unpacked, { recursive: true })
  await writeFile(join(part, 'package.json'), '{ "private": true, "type": "module" }\n')
  try {
    const options = ['--silent', '--no-audit', '--no-fund']
    const installed = await run(['npm', 'install', ...options, '--prefix', part, `${npmPackage}@${npmVersion}`])
    if (!installed.isOk) return installed
    // It unpacks itself where temporary files go
    const script = `await (await import('${npmPackage}')).default.executablePath()`
    const ran = await run([process.execPath, '--input-type=module', '--eval', script], {
      cwd: part,
      env: { TMPDIR: unpacked },
    })
    if (!ran.isOk) return ran
    await rm(npmFolder, { recursive: true, force: true })
    await rename(part, npmFolder)
    return ran
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}
