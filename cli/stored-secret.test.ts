import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { storedSecret } from './stored-secret.ts'

const folder = await mkdtemp(join(tmpdir(), 'drover-secret-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const env = { XDG_STATE_HOME: folder }
const broker = 'stomp://foo:opal@broker.example:61613'

test('a secret that was made is the same at each start, in a file that only its owner reads', async () => {
  const own = join(folder, 'own')
  const env = { XDG_STATE_HOME: own }
  const made = await Promise.all([1, 2, 3].map(() => storedSecret({ env, broker, port: 0 })))
  expect(new Set(made.map(({ secrets }) => secrets[0])).size, 'started at once').toBe(1)
  const file = join(own, 'drover', 'secret-stomp-broker.example-61613')
  expect(await readdir(join(own, 'drover'))).toEqual(['secret-stomp-broker.example-61613'])
  expect(made.filter(({ note }) => note === `its secret is kept in ${file}`)).toHaveLength(1)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const again = await storedSecret({ env, broker: broker.replace('opal', 'jade'), port: 9_000 })
  expect(again).toEqual({ secrets: [(await readFile(file, 'utf8')).trim()] })
  expect(again.secrets[0]).toMatch(/^[\w-]{43}$/)
})

test('each broker has its own, and the embedded one of each port', async () => {
  const secrets = await Promise.all(
    [
      { broker: 'ws://foo:bar@broker.example:61614', port: 1 },
      { broker: 'embedded', port: 1 },
      { broker: 'embedded', port: 2 },
      { broker: 'embedded', port: 0 },
      { broker: 'embedded', port: 0 },
    ].map(async options => (await storedSecret({ env, ...options })).secrets[0]),
  )
  expect(new Set(secrets).size).toBe(5)
})

test('a given secret counts', async () => {
  const named = join(folder, 'deep', 'mine')
  const given = { ...env, DROVER_SECRET: 'a secret that was given, of 32 bytes', DROVER_SECRET_FILE: named }
  expect(await storedSecret({ env: given, broker, port: 1 })).toEqual({ secrets: [given.DROVER_SECRET] })
  const first = await storedSecret({ env: { ...given, DROVER_SECRET: '' }, broker, port: 1 })
  expect((await readFile(named, 'utf8')).trim()).toBe(first.secrets[0])
})

test('where nothing can be written it is in memory, and says the consequence', async () => {
  const blocked = join(folder, 'file')
  await writeFile(blocked, '')
  const { secrets, note } = await storedSecret({ env: { XDG_STATE_HOME: blocked }, broker, port: 1 })
  expect(secrets[0]).toMatch(/^[\w-]{43}$/)
  expect(note).toMatch(
    /cannot be kept \(.*\): .*jobs that wait go to the dead queue; set DROVER_SECRET, or DROVER_SECRET_/,
  )
  await expect(storedSecret({ env: { DROVER_SECRET_FILE: join(blocked, 'x') }, broker, port: 1 })).rejects.toThrow(
    /^DROVER_SECRET_FILE cannot be used: /,
  )
})

test('a file that holds no secret is named', async () => {
  const file = join(folder, 'short')
  await writeFile(file, 'too short\n')
  await expect(storedSecret({ env: { DROVER_SECRET_FILE: file }, broker, port: 1 })).rejects.toThrow(
    `${file} holds 9 characters and no secret; expected at least 32`,
  )
  await mkdir(join(folder, 'a-folder'))
  await expect(
    storedSecret({ env: { DROVER_SECRET_FILE: join(folder, 'a-folder') }, broker, port: 1 }),
  ).rejects.toThrow(/^DROVER_SECRET_FILE cannot be used: /)
})

test('several have a line each, in the variable and in the file, and the first is first', async () => {
  const [one, two] = ['1'.repeat(32), 'secret 2, with a blank and more than 32 letters']
  const given = async (text: string) => (await storedSecret({ env: { DROVER_SECRET: text }, broker, port: 1 })).secrets
  expect(await given(`${one}\n\n${two}\r\n`)).toEqual([one, two])
  expect(await given(`${two}\n`), 'one is as it stands').toEqual([`${two}\n`])
  const file = join(folder, 'several')
  const stored = { env: { DROVER_SECRET_FILE: file }, broker, port: 1 }
  await writeFile(file, `\n ${one}\r\n\n${two}\n`)
  expect(await storedSecret(stored)).toEqual({ secrets: [one, two] })
  await writeFile(file, `${one}\nshort\n`)
  await expect(storedSecret(stored)).rejects.toThrow(`Line 2 of ${file} holds 5 characters and no secret`)
})

test('a bridge that runs makes none, and keeps its own where none was named', async () => {
  const running = ['a secret that a bridge has, of 32 bytes']
  const reading = (more: Record<string, string>, port: number) =>
    storedSecret({ env: { ...env, ...more }, broker: 'embedded', port, running })
  expect(await reading({}, 0)).toEqual({ secrets: running })
  expect(await reading({}, 7)).toEqual({ secrets: running })
  await expect(reading({ DROVER_SECRET_FILE: join(folder, 'gone') }, 7)).rejects.toThrow(/gone, is not there/)
  expect(await readdir(folder)).not.toContain('gone')
})
