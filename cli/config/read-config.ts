/** Reads a file of settings, TOML or JSON, and tells all of its mistakes at once, each with its key. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import type * as z from 'zod'
import { UsageError } from '../exit.ts'
import { printable } from '../printable.ts'
import { utf8Text } from '../utf8.ts'
import { nearestName } from './nearest-name.ts'
import { ServeConfig, settingNames } from './schema.ts'

/** Settings, and the mistakes in them. */
export interface FoundConfig {
  /** Without the settings that are wrong. */
  readonly config: ServeConfig
  /** A sentence for each mistake; no value of the file is in it, since some are secret. */
  readonly found: readonly string[]
  /** The settings that are wrong or have something wrong in them, such as `port` or `issuers`. */
  readonly wrong: ReadonlySet<string>
  /** Where each mistake is, such as `issuers[0].jwks`. */
  readonly places: ReadonlySet<string>
  /** The issuers as they stand there, wrong or not: the bridge finds further mistakes in them. */
  readonly issuers: unknown
}

/**
 * Reads the settings of `drover serve`. A mistake in one is no reason to leave those in others untold.
 * @param file its path; JSON where it ends in `.json`, else TOML
 * @throws {UsageError} for a file that cannot be read, is neither, or is no table of settings
 */
export async function readConfig(file: string): Promise<FoundConfig> {
  const value = await readValue(file)
  const checked = ServeConfig.safeParse(value)
  const issues = checked.success ? [] : checked.error.issues
  const found = issues.flatMap(issue => sentences(issue))
  if (!isTable(value)) throw mistakes(file, found)
  const wrong = new Set(issues.flatMap(({ path: [first] }) => (first === undefined ? [] : [String(first)])))
  const others = Object.fromEntries(Object.entries(value).filter(([name]) => isSetting(name) && !wrong.has(name)))
  return {
    config: besideFile(ServeConfig.parse(others), dirname(file)),
    found,
    wrong,
    places: new Set(issues.map(({ path }) => keyText(path))),
    issuers: value['issuers'],
  }
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSetting = (name: string): boolean => Object.hasOwn(ServeConfig.shape, name)

/** Paths in a file are from its folder, so that it means the same wherever the bridge is started. */
function besideFile(config: ServeConfig, folder: string): ServeConfig {
  const place = (path: string): string => (/^[a-z][a-z0-9+.-]+:\/\//i.test(path) ? path : resolve(folder, path))
  const { data, users, secret_file, seal, issuers, broker_tls } = config
  return {
    ...config,
    ...(data === undefined ? {} : { data: place(data) }),
    ...(typeof users === 'string' ? { users: place(users) } : {}),
    ...(secret_file === undefined ? {} : { secret_file: place(secret_file) }),
    ...(seal === undefined ? {} : { seal: place(seal) }),
    ...(broker_tls === undefined ? {} : { broker_tls: placed(broker_tls, place) }),
    ...(issuers === undefined ? {} : { issuers: issuers.map(one => ({ ...one, jwks: place(one.jwks) })) }),
  }
}

/** PEM text is no path. */
function placed(tls: NonNullable<ServeConfig['broker_tls']>, place: (path: string) => string): typeof tls {
  const paths = (['ca', 'cert', 'key'] as const).flatMap(name => {
    const given = tls[name]
    return given === undefined || given.includes('-----BEGIN ') ? [] : [[name, place(given)] as const]
  })
  return { ...tls, ...Object.fromEntries(paths) }
}

/** @param found a sentence for each mistake */
export const mistakes = (file: string, found: readonly string[]): UsageError =>
  new UsageError(`${file} cannot be used:${found.map(one => `\n  ${printable(one)}`).join('')}`)

async function readValue(file: string): Promise<unknown> {
  let text: string
  try {
    text = utf8Text(await readFile(file), 'it')
  } catch (cause) {
    throw new UsageError(`Cannot read the settings in ${file}: ${(cause as Error).message}`, { cause })
  }
  try {
    return file.endsWith('.json') ? JSON.parse(text) : parse(text)
  } catch (cause) {
    // Without its cause: both parsers quote the text, which may be a secret
    throw new UsageError(`${file} is no ${file.endsWith('.json') ? 'JSON' : 'TOML'}${syntaxFault(cause)}`)
  }
}

/** Where it is. */
function syntaxFault(error: unknown): string {
  if (error instanceof TomlError) {
    const [sentence = ''] = error.message.split('\n')
    return `: line ${error.line}, column ${error.column}: ${sentence.replace(/^Invalid TOML document: /, '')}`
  }
  return / at position .*/.exec((error as Error).message)?.[0] ?? ''
}

function sentences(issue: z.core.$ZodIssue): readonly string[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => `${keyText([...path, key])}: there is no such setting${meant(path, key)}`)
  return [`${keyText(path) || 'all of it'}: ${issue.message}`]
}

/** Where a name that is no setting may have been meant to stand. */
function meant([table = '']: readonly PropertyKey[], key: string): string {
  const names = settingNames[table as keyof typeof settingNames] ?? []
  if (table !== '' && settingNames[''].includes(key)) return `; ${key} stands above the first [table]`
  const other = table === '' ? otherTables.find(name => settingNames[name].includes(key)) : undefined
  const found = other === undefined ? nearestName(key, names) : keyText([other, key])
  return found === undefined ? '' : `; did you mean ${found}?`
}

const otherTables = ['limits', 'broker_tls'] as const

/** As TOML writes a key: `issuers[0].jwks`. */
export const keyText = (path: readonly PropertyKey[]): string =>
  path
    .map(part => (typeof part === 'number' ? `[${part}]` : `.${quoted(String(part))}`))
    .join('')
    .replace(/^\./, '')

const quoted = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key))
