/**
 * Gets ready all that the tests need from outside npm: finds it, or installs and downloads it where it may. A need that it
 * cannot get is one line with the reason and the command that would help. Takes under a second when all is there.
 *
 *     node scripts/test/prepare.ts
 */
import { canInstall, installPackages, lastLines } from './apt.ts'
import { type Need, needs } from './needs.ts'
import { type Missing, type Prepared, writePrepared } from './prepared.ts'

/**
 * Prepares everything, leaves the findings for the tests, and reports on the way.
 * @param say takes each line of the report
 * @param install installs system packages; null where that is not allowed
 * @returns the needs that are not met, optional ones included
 */
export async function prepare(
  say: (line: string) => void,
  wanted: readonly Need[] = needs,
  install: typeof installPackages | null = canInstall ? installPackages : null,
): Promise<Prepared> {
  const there = await Promise.all(wanted.map(need => need.isThere()))
  const missing = wanted.filter((_, index) => !there[index])
  const packages = new Map(await Promise.all(missing.map(async need => [need, await need.missingPackages()] as const)))
  const required = missing.filter(need => !need.isOptional).flatMap(need => packages.get(need) ?? [])
  const installing = installOnce(required, say, install)
  // Optional packages go last and apart: one that this system does not know must not keep the others away.
  let last = installing
  const installingOf = new Map(
    missing.map(need => {
      if (need.isOptional) last = last.then(() => installOnce(packages.get(need) ?? [], say, install))
      return [need, need.isOptional ? last : installing]
    }),
  )
  const results = await Promise.all(
    missing.map(async need => [need, await get(need, packages.get(need) ?? [], installingOf.get(need)!, say)] as const),
  )
  const prepared: Prepared = {}
  for (const [need, lack] of results) {
    if (lack === undefined) continue
    prepared[need.name] = lack
    const verdict = need.isOptional ? 'goes without' : 'skipped'
    say(`${verdict}: ${need.title}: ${lack.reason}; to help: ${lack.command}`)
  }
  return prepared
}

/** One apt-get for all, because it locks; resolves with the failure. */
async function installOnce(
  wanted: readonly string[],
  say: (line: string) => void,
  install: typeof installPackages | null,
): Promise<string | undefined> {
  const packages = [...new Set(wanted)]
  if (packages.length === 0) return undefined
  if (install === null) return `needs ${packages.join(', ')}, which only root can install with apt-get`
  say(`installing ${packages.join(', ')}`)
  const failure = await install(packages)
  return failure && `apt-get failed: ${failure}`
}

async function get(
  need: Need,
  packages: readonly string[],
  installing: Promise<string | undefined>,
  say: (line: string) => void,
): Promise<Missing | undefined> {
  const { command, fetchInstead } = need
  const failure = packages.length > 0 ? await installing : undefined
  if (failure !== undefined && fetchInstead === undefined) return { reason: failure, command }
  const fetch = failure === undefined ? need.fetch : fetchInstead
  if (fetch !== undefined) {
    say(`downloading ${need.title}`)
    const { isOk, output } = await fetch()
    if (!isOk) {
      const reason = `the download failed: ${lastLines(output)}`
      return { reason: failure === undefined ? reason : `${failure}; ${reason}`, command }
    }
  }
  return (await need.isThere()) ? undefined : { reason: 'it is not there', command }
}

if (import.meta.main) writePrepared(await prepare(console.log))
