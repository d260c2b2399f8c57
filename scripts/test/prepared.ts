/** The findings of `prepare.ts`, as it leaves them for the tests. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The needs that tests may have from outside npm. */
export type NeedName =
  | 'classic'
  | 'artemis'
  | 'rabbitmq'
  | 'python'
  | 'ruby'
  | 'deno'
  | 'chromium'
  | 'faketime'
  | 'nginx'
  | 'caddy'
  | 'systemd'
  | 'headless-shell'

/** Why something is not there, and the command that would help. */
export interface Missing {
  reason: string
  command: string
}

/** Each need that is not met; an absent name is met. */
export type Prepared = Partial<Record<NeedName, Missing>>

/** Where downloads are kept between runs. */
export const cacheFolder: string = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'drover')

/** The packages of Python that tests need, as pip names them: of the examples, and the schemas of Kubernetes. */
export const pythonPackages: readonly string[] = ['stomp.py==9.0.0', 'jwcrypto==1.6.1', 'kubernetes-validate==1.37.0']
/** Where Python finds them: goes into PYTHONPATH. */
export const pythonPath: string = join(cacheFolder, `python-${pythonPackages.join('-').replaceAll('==', '-')}`)

const file = fileURLToPath(new URL('../../node_modules/.cache/drover/prepared.json', import.meta.url))

/** Leaves the findings for `readPrepared`. */
export function writePrepared(prepared: Prepared): void {
  mkdirSync(fileURLToPath(new URL('../../node_modules/.cache/drover/', import.meta.url)), { recursive: true })
  writeFileSync(file, `${JSON.stringify(prepared, null, 2)}\n`)
}

/** The findings of the last preparation. Without one everything counts as there, and a missing thing says so when used. */
export function readPrepared(): Prepared {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Prepared
  } catch {
    return {}
  }
}
