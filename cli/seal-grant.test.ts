import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newKey, publicKeys } from 'drover/seal'
import { expect, test } from 'vitest'
import { readSealGrant } from './seal-grant.ts'

test('nothing of a file is handed on but the public members of its keys', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-seal-grant-'))
  try {
    const key = await newKey('x25519')
    const open = publicKeys({ keys: [key] })
    const file = join(folder, 'keys.json')
    const noted = open.keys.map(one => ({ ...one, made_from: key, note: key.d }))
    await writeFile(file, JSON.stringify({ keys: noted, old: [key] }))
    expect(await readSealGrant(file)).toEqual({ keys: open })
  } finally {
    await rm(folder, { recursive: true })
  }
})
