/** Debian packages, where they may be installed: by root, with apt-get. */
import { run } from './commands.ts'
import { isOnPath } from './on-path.ts'

/** True where `installPackages` may try. */
export const canInstall: boolean = process.getuid?.() === 0 && isOnPath('apt-get')

/**
 * Installs packages with apt-get.
 * @returns undefined, or the last lines of the failure
 */
export async function installPackages(packages: readonly string[]): Promise<string | undefined> {
  // RUNLEVEL=1 keeps the package's service from being started on machines without systemd.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3']
  const steps: [string, ...string[]][] = [
    ['apt-get', ...options, 'update'],
    ['apt-get', ...options, 'install', '-y', '--no-install-recommends', ...packages],
  ]
  for (const step of steps) {
    const { isOk, output } = await run(step, { env })
    if (!isOk) return lastLines(output)
  }
  return undefined
}

/** The end of a command's output on one line, for a report of one line. */
export function lastLines(output: string): string {
  return output.trim().split('\n').slice(-2).join(' / ').slice(-300)
}
