/**
 * Proves that package-lock.json holds every optional package of every platform. npm leaves out those that the registry
 * at hand does not have, and then `npm ci` refuses the lock, here and everywhere.
 *
 *     node scripts/check/lock.ts          says what is missing
 *     node scripts/check/lock.ts --fix    adds it, after each `npm install`
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface LockedPackage {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

export interface Lock {
  packages: Record<string, LockedPackage>
}

const platforms = /\b(android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|aix|win32)\b/
const processors = /\b(arm64|arm|x64|ia32|ppc64|riscv64|s390x|loong64|wasm32)\b/

/**
 * The missing entries of the lock: optional packages made for one platform, each with the entry that it should have. The
 * platform is read from the name, because a lock without the package does not say it.
 */
export function missingFromLock(lock: Lock): Map<string, LockedPackage> {
  const missing = new Map<string, LockedPackage>()
  for (const parent of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`
      const os = platforms.exec(name)?.[1]
      const cpu = processors.exec(name)?.[1]
      if (path in lock.packages || os === undefined || cpu === undefined || !/^\d/.test(version)) continue
      const libc = os === 'linux' ? (name.includes('musl') ? ['musl'] : ['glibc']) : undefined
      missing.set(path, {
        version,
        cpu: [cpu],
        ...(parent.dev ? { dev: true } : {}),
        ...(libc === undefined ? {} : { libc }),
        optional: true,
        os: [os],
      })
    }
  }
  return missing
}

/** The lock with its missing entries, in npm's order. */
export function completeLock<L extends Lock>(lock: L): L {
  const all = { ...lock.packages, ...Object.fromEntries(missingFromLock(lock)) }
  const sorted = Object.entries(all).sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { ...lock, packages: Object.fromEntries(sorted) }
}

if (import.meta.main) {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock
  const missing = [...missingFromLock(lock).keys()]
  if (missing.length > 0 && process.argv.includes('--fix')) {
    writeFileSync('package-lock.json', `${JSON.stringify(completeLock(lock), null, 2)}\n`)
    console.log(`package-lock.json: added ${missing.length} packages of other platforms`)
  } else if (missing.length > 0) {
    console.error(`package-lock.json lacks ${missing.join(', ')}\nRun: node scripts/check/lock.ts --fix`)
    process.exitCode = 1
  }
}
