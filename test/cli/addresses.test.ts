/** Addresses as a person types them, at every command that takes one: each is used, or a sentence says the way out. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { drover, startDrover } from '../support/cli/program.ts'

const read = async (name: string): Promise<string[]> =>
  (await readFile(`test/cases/inputs/${name}`, 'utf8')).trim().split('\n')

test('a list of addresses: every command says that one is supported, without a password', async () => {
  for (const url of [...(await read('C15-addresses.txt')), 'failover://(stomp://foo:bar@a:1)?timeout=1']) {
    for (const args of [
      ['dispatch', 'a.b', '--url', url],
      ['serve', '--broker', url],
    ]) {
      const { code, stdout, stderr } = await drover(args)
      expect([code, stderr]).toEqual([2, expect.stringContaining('one address is supported')])
      expect(stdout + stderr).not.toContain('bar@')
    }
    const { code, stderr } = await drover(['dispatch', 'a.b'], { env: { DROVER_URL: url } })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^drover: DROVER_URL .*one address/)])
  }
})

test('a password with signs of an address is never printed, also with DROVER_DEBUG', async () => {
  const urls = await read('C16-addresses.txt')
  for (const url of [...urls, 'wss://foo:g#heim@127.0.0.1:1', 'ws://foo:g\\heim?@127.0.0.1:1']) {
    const secret = url.slice(url.indexOf('foo:') + 4, url.lastIndexOf('@'))
    const dead = url.replace(/:61613$/, ':1')
    const { code, stdout, stderr } = await drover(['dispatch', 'a.b', '--url', dead], { env: { DROVER_DEBUG: '1' } })
    expect([1, 2]).toContain(code)
    expect(stderr).toMatch(/write % as %25|Cannot reach/)
    expect(stderr).not.toContain('URI malformed')
    expect(stdout + stderr).not.toContain(secret)
  }
})

test('a number that would be sent as another one is refused with its path', async () => {
  for (const input of [(await read('C11-input.json'))[0]!, '{"a":[{"b":1e400}]}', '{"a":0.1234567890123456789}']) {
    const { code, stderr } = await drover(['dispatch', 'a.b', '--input', input])
    const sentence = /^drover: The input cannot be sent as it is written: (id|a\.0\.b|a): /
    expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)])
  }
})

test('serve and worker in front of nothing never print a password, of any characters', async () => {
  for (const secret of ['h%23sh', 'qu?stion', 'a@sign', 'bl%20ank', 'üñï', 'p/ss']) {
    const url = `stomp://foo:${secret}@127.0.0.1:1`
    const env = { DROVER_BROKER: url, DROVER_URL: url, DROVER_DEBUG: '1' }
    await using bridge = startDrover(['serve', '--port', '0', '--json'], { env })
    await using worker = startDrover(['worker', 'test/cli/fixtures/facts.ts'], { env })
    for (const program of [bridge, worker]) {
      if (/[?/]/.test(secret)) continue // refused, so they end by themselves
      await program.says(/Cannot reach/)
      program.signal('SIGTERM')
    }
    const ended = await Promise.all([bridge.ended, worker.ended])
    const said = ended.map(({ stdout, stderr }) => stdout + stderr).join('')
    for (const form of [secret, decodeURIComponent(secret), encodeURIComponent(decodeURIComponent(secret))])
      expect(said).not.toContain(form)
  }
})
