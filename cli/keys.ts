/** `drover keys`: the keys that jobs are sealed to. */
import process from 'node:process'
import { type Command, Option } from 'commander'
import type { KeyKind } from 'drover/seal'
import { asDuration } from './duration.ts'
import { UsageError } from './exit.ts'
import { instant, isPrivate, sealsUntil } from './keys/jwk.ts'
import { printable, printableJson } from './printable.ts'

const defaultFile = 'drover-keys.json'
const defaultInMs = 3_600_000
const defaultKeepMs = 30 * 86_400_000

const help = `
Examples:
  drover keys new                                   # makes ${defaultFile}, for the workers
  drover keys show ${defaultFile}
  drover keys show ${defaultFile} --public --json > public-keys.json     # for masters and pages
  drover keys rotate ${defaultFile}

Who has the public part can seal jobs. Who has the private one can open them. So
workers get the file, and nobody else. A key of the kind "shared" has no public
part: masters and workers both get it, and pages better do not.

A new key opens at once and seals after --in, so that every worker has it before
the first job is sealed to it. Workers and masters read their keys again every
five minutes, and a worker does at once when a job names a key that it has not.
A key that seals no more stays for --keep, and opens jobs of before.

Exit codes:
  0  done
  2  the command was called wrongly, or the file cannot be used

Environment:
  DROVER_DEBUG  1 shows where an error came from
`

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('Makes, rotates and shows the keys of sealed jobs.')
  keys.addHelpText('after', help)
  keys
    .command('new')
    .description('Makes a file with a new private key, which its owner alone can read.')
    .argument('[file]', 'where to; it must not be there yet', defaultFile)
    .addOption(
      new Option('--kind <kind>', 'x25519 and p-256 have a public part to seal by; shared has none; ed25519 signs')
        .choices(['x25519', 'p-256', 'shared', 'ed25519'])
        .default('x25519'),
    )
    .action(makeNew)
  keys
    .command('rotate')
    .description('Adds a key that takes over from the one that seals now.')
    .argument('<file>', 'the file with the private keys')
    .option('--in <duration>', 'when the new key begins to seal (default: 1h)', asDuration)
    .option('--keep <duration>', 'how long a key stays that seals no more (default: 30d)', asDuration)
    .action(rotate)
  keys
    .command('show')
    .description('Lists the keys of a file, or gives out their public part.')
    .argument('<file>', 'a JWKS')
    .option('--public', 'only what anybody may know')
    .option('--private', 'with --json: the private parts too')
    .option('--json', 'a JWKS, instead of a line a key')
    .action(show)
}

async function makeNew(file: string, { kind }: { kind: KeyKind }): Promise<void> {
  const [{ newKey }, { makeKeyFile }] = await Promise.all([import('drover/seal'), import('./keys/key-file.ts')])
  const key = await newKey(kind)
  await makeKeyFile(file, { keys: [key] })
  say(`${file} has a new private key of ${kind}, and its owner alone can read it.`, `kid: ${String(key.kid)}`)
  if (kind === 'shared') say('It has no public part: masters and workers need this file, and nobody else may have it.')
  else if (kind === 'ed25519') say('Who signs keeps this file. To the others give its public part:', giveOut(file))
  else say('Workers need this file. To masters and pages give its public part:', giveOut(file))
}

async function rotate(file: string, options: { in?: number; keep?: number }): Promise<void> {
  const [{ newKey }, { readKeyFile, replaceKeyFile }, { rotated }] = await Promise.all([
    import('drover/seal'),
    import('./keys/key-file.ts'),
    import('./keys/rotation.ts'),
  ])
  const { in: inMs = defaultInMs, keep: keepMs = defaultKeepMs } = options
  const { keys } = await readKeyFile(file)
  const { added, ended, dropped, at, ...rotation } = await rotated({ keys, now: Date.now(), inMs, keepMs, newKey })
  await replaceKeyFile(file, { keys: rotation.keys })
  for (const { kid } of added) say(`New: ${kid} opens from now on, and seals from ${instant(at)} on.`)
  for (const { kid } of ended) {
    say(`Old: ${kid} seals until then. It opens while it is in the file, so that jobs that wait can be opened.`)
    say(`     A rotation after ${instant(at + keepMs)} takes it out.`)
  }
  for (const key of dropped) say(`Gone: ${key.kid} sealed until ${instant(sealsUntil(key))}.`)
  say(`Give this file to every worker before ${instant(at)}.`)
  if (added.some(({ kty }) => kty !== 'oct')) say('To masters and pages give its public part again:', giveOut(file))
  else say('Give it to every master as well.')
}

interface ShowOptions {
  public?: boolean
  private?: boolean
  json?: boolean
}

async function show(file: string, options: ShowOptions): Promise<void> {
  if (options.public && options.private) throw new UsageError('Give one of --public and --private')
  if (options.private && !options.json) throw new UsageError('--private goes with --json; a list has no private parts')
  const [{ publicKeys }, { readKeyFile }, { describeKeys }] = await Promise.all([
    import('drover/seal'),
    import('./keys/key-file.ts'),
    import('./keys/describe-keys.ts'),
  ])
  const set = await readKeyFile(file)
  const { keys } = options.public ? publicKeys(set) : set
  if (options.public && keys.length === 0 && set.keys.length > 0) {
    throw new UsageError(
      `${file} has no public part: a shared key has none. Make one by \`drover keys new --kind x25519\``,
    )
  }
  if (!options.json) return say(...describeKeys(keys, Date.now()))
  if (!options.public && !options.private && keys.some(isPrivate)) {
    throw new UsageError(`${file} has private keys; say --public for what anybody may know, or --private for all`)
  }
  process.stdout.write(`${printableJson({ keys }, 2)}\n`)
}

const giveOut = (file: string): string => `  drover keys show ${file} --public --json`

function say(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${printable(line)}\n`)
}
