/** The static checks; each counts as one test. */
import { readdirSync } from 'node:fs'
import { repositoryFiles } from '../check/imports.ts'
import { type Ran, run } from './commands.ts'

export interface Check {
  title: string
  command: [string, ...string[]]
}

const denoFile = /(^|\/)deno([-.][^/]*)?\.ts$|\/deno\/|\.deno\.test\.ts$/

/** All of them, on the files that this checkout has. */
export function staticChecks(): Check[] {
  const projects = [
    'tsconfig.json',
    ...readdirSync('.').filter(name => /^tsconfig\.(shared|browser).*\.json$/.test(name)),
  ]
  const denoFiles = repositoryFiles('*.ts').filter(path => denoFile.test(path))
  return [
    ...projects.map(
      (project): Check => ({ title: `types of ${project}`, command: ['tsc', '-p', project, '--noEmit'] }),
    ),
    { title: 'format and lint', command: ['biome', 'ci', '--diagnostic-level=warn', '--colors=off'] },
    { title: 'no floating promises', command: ['oxlint', '--type-aware'] },
    { title: 'nothing unused', command: ['knip', '--no-progress', '--no-config-hints'] },
    { title: 'the lock covers every platform', command: [process.execPath, 'scripts/check/lock.ts'] },
    { title: 'the downloads of a page have not grown', command: [process.execPath, 'scripts/check/sizes.ts'] },
    { title: 'imports point one way', command: [process.execPath, 'scripts/check/imports.ts'] },
    { title: 'comments and pages are plain prose', command: [process.execPath, 'scripts/check/prose.ts'] },
    { title: 'docs/widgets.md is up to date', command: [process.execPath, 'scripts/docs/widgets.ts', '--check'] },
    {
      title: 'docs/configuration.md is up to date',
      command: [process.execPath, 'scripts/docs/configuration.ts', '--check'],
    },
    { title: 'types of the Deno files', command: ['deno', 'check', '--quiet', ...denoFiles] },
  ]
}

/**
 * Runs the checks, two at a time.
 * @param report called as each one ends
 */
export async function runChecks(
  checks: readonly Check[],
  report: (check: Check, ran: Ran) => void,
): Promise<{ passed: number; failed: number }> {
  const waiting = [...checks]
  let failed = 0
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const ran = await run(check.command, { timeoutMs: 300_000, env: { NO_COLOR: '1' } })
      if (!ran.isOk) failed += 1
      report(check, ran)
    }
  }
  await Promise.all([work(), work()])
  return { passed: checks.length - failed, failed }
}
