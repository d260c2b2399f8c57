import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { confine, type InsideFile, openInside, piecesOf, walkInside } from './confine.ts'

const never = new AbortController().signal
let base: string
let folder: string

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'drover-confine-')))
  folder = join(base, 'files')
  await mkdir(join(folder, 'logs', 'deep'), { recursive: true })
  await mkdir(join(base, 'files-of-others'))
  await writeFile(join(folder, 'logs', 'a.log'), 'inside')
  await writeFile(join(folder, 'logs', 'deep', 'b.log'), 'deeper')
  await writeFile(join(base, 'secret.txt'), 'secret')
  await writeFile(join(base, 'files-of-others', 'secret.txt'), 'secret')
})
afterEach(() => rm(base, { recursive: true, force: true }))

async function textOf(file: InsideFile): Promise<string> {
  let text = ''
  for await (const piece of piecesOf(file, never)) text += new TextDecoder().decode(piece)
  return text
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

test('openInside() opens files below the folder, by relative and by absolute path', async () => {
  for (const path of ['logs/a.log', './logs/../logs/a.log', join(folder, 'logs/a.log')]) {
    await using file = await openInside(folder, path)
    expect([file.name, file.bytes, await textOf(file)]).toEqual(['logs/a.log', 6, 'inside'])
  }
})

test.for(['../secret.txt', 'logs/../../secret.txt', '/etc/passwd', '..', '../files-of-others/secret.txt', 'a\0b'])(
  'confine() refuses %j as it was given, and does not tell where the folder lies',
  async path => {
    const { code, message } = await confine(folder, path).catch(error => error)
    expect([code, message]).toEqual(['path_forbidden', expect.stringContaining(`"${path}" leads out`)])
    expect(message).not.toContain(base)
  },
)

test('confine() does not tell whether something outside exists', async () => {
  const there = await confine(folder, '../secret.txt').catch(error => error.message)
  const absent = await confine(folder, '../absent.txt').catch(error => error.message)
  expect(absent).toBe(there.replace('secret', 'absent'))
})

test('confine() refuses symbolic links that lead out: to a file, to a folder, by way of another link', async () => {
  await symlink(join(base, 'secret.txt'), join(folder, 'file-link'))
  await symlink('..', join(folder, 'folder-link'))
  await symlink('folder-link/secret.txt', join(folder, 'second-link'))
  for (const path of ['file-link', 'folder-link', 'folder-link/secret.txt', 'second-link']) {
    await expect(openInside(folder, path), path).rejects.toMatchObject({ code: 'path_forbidden' })
  }
})

test('confine() follows a symbolic link that stays inside', async () => {
  await symlink('logs/a.log', join(folder, 'latest'))
  await using file = await openInside(folder, 'latest')
  expect([file.name, await textOf(file)]).toEqual(['logs/a.log', 'inside'])
})

test('openInside() never reads through a link that is swapped in while it looks', async () => {
  const [place, link, kept] = ['place', 'link', 'kept'].map(name => join(folder, name)) as [string, string, string]
  await mkdir(place)
  await writeFile(join(place, 'secret.txt'), 'public')
  await symlink('..', link)
  let isDone = false
  const swapping = (async () => {
    while (!isDone) {
      await rename(place, kept)
      await rename(link, place)
      await rename(place, link)
      await rename(kept, place)
    }
  })()
  const seen = new Set<string>()
  for (let i = 0; i < 1000; i++) {
    try {
      await using file = await openInside(folder, 'place/secret.txt')
      seen.add(await textOf(file))
    } catch (error) {
      seen.add((error as { code: string }).code)
    }
  }
  isDone = true
  await swapping
  const fair = ['public', 'path_forbidden', 'input_invalid']
  expect([...seen].filter(text => !fair.includes(text))).toEqual([])
  expect(seen).toContain('path_forbidden')
})

test('openInside() refuses a folder, and a pipe without waiting for its writer', async () => {
  await expect(openInside(folder, 'logs')).rejects.toMatchObject({ code: 'input_invalid' })
  execFileSync('mkfifo', [join(folder, 'pipe')])
  await expect(openInside(folder, 'pipe')).rejects.toMatchObject({ code: 'input_invalid' })
})

test('confine() names the entries that are there when the path is not', async () => {
  await expect(confine(folder, 'lgos')).rejects.toMatchObject({
    code: 'input_invalid',
    message: expect.stringContaining('which has: logs'),
  })
})

test('confine() says which setting is wrong when the allowed folder is not there', async () => {
  const { code, message } = await confine(join(base, 'gone'), 'x').catch(error => error)
  expect([code, message]).toEqual(['config_invalid', expect.stringContaining('DROVER_FILES')])
  expect(message).not.toContain(base)
})

test('a file that the worker may not read is named as it lies in the folder', async () => {
  await chmod(base, 0o755)
  await chmod(join(folder, 'logs', 'deep', 'b.log'), 0)
  await chmod(join(folder, 'logs', 'deep'), 0o711)
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.('nobody') // root may read everything
  try {
    const failures = await Promise.all([
      collect(walkInside(folder, '.', never)).catch(error => error),
      openInside(folder, 'logs/deep/b.log').catch(error => error),
    ])
    expect(failures.map(({ code }) => code)).toEqual(['input_invalid', 'input_invalid'])
    expect(failures.map(({ message }) => message)).toEqual([
      'Cannot read "logs/deep" (EACCES); choose files that the worker may read',
      'Cannot read "logs/deep/b.log" (EACCES); choose files that the worker may read',
    ])
  } finally {
    if (isRoot) process.seteuid?.(0)
    await chmod(join(folder, 'logs', 'deep'), 0o755)
  }
})

test('walkInside() lists files in order and passes over links', async () => {
  await symlink('../..', join(folder, 'logs', 'out'))
  await symlink(join(base, 'secret.txt'), join(folder, 'logs', 'secret'))
  await writeFile(join(folder, 'logs', 'c.log'), '')
  expect(await collect(walkInside(folder, '.', never))).toEqual(['logs/a.log', 'logs/c.log', 'logs/deep/b.log'])
  expect(await collect(walkInside(folder, 'logs/a.log', never))).toEqual(['logs/a.log'])
  await expect(collect(walkInside(folder, 'logs/out', never))).rejects.toMatchObject({ code: 'path_forbidden' })
})

test('walkInside() stops with the reason of its signal', async () => {
  const reason = new Error('enough')
  await expect(collect(walkInside(folder, '.', AbortSignal.abort(reason)))).rejects.toBe(reason)
})
