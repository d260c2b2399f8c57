/**
 * The connection as `/drover.all.js` has it, against a real broker: nothing that the build leaves out or renames is missed,
 * in stompjs neither.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Rollup } from 'vite'
import { expect, test } from 'vitest'
import type * as Stomp from '../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../shared/stomp/sockets/node.ts'
import { openTestBed } from '../../test/support/stomp-test-beds.ts'

/** Bundles as the library is. */
async function load(): Promise<typeof Stomp> {
  const result = (await build({
    configFile: 'vite.config.ts',
    mode: 'all',
    build: { write: false, rolldownOptions: { input: 'shared/stomp/mod.ts' } },
  })) as Rollup.RollupOutput
  const { code } = result.output[0]
  const file = resolve(`.test-results/library-stomp-${process.pid}.mjs`)
  await mkdir('.test-results', { recursive: true })
  await writeFile(file, code)
  return (await import(pathToFileURL(file).href)) as typeof Stomp
}

test('the library subscribes, publishes, commits, beats, is cut off and comes back', {
  timeout: 60_000,
}, async () => {
  const library = await load()
  expect(() => library.connectStomp({ url: 'http://jobs.example' })).toThrow(
    expect.objectContaining({ name: 'DroverError', code: 'config_invalid' }),
  )

  await using testBed = await openTestBed('embedded')
  const createSocket = (url: URL): Stomp.StompSocket => createNodeSocket(url, {})
  const backoff = { baseMs: 1, capMs: 5 }
  await using stomp = library.connectStomp({ url: testBed.url, createSocket, heartbeatMs: 50, backoff })
  const heard: string[] = []
  const subscription = stomp.subscribe({ destination: '/queue/myapp.a' }, message => {
    heard.push(`${message.headers.note} ${message.body}`)
    message.ack()
  })
  await subscription.ready
  await stomp.publish({ destination: '/queue/myapp.a', headers: { note: 'a:b\nc' }, body: 'é€😀' })
  await stomp.transaction(it => {
    for (const body of ['1', '2']) it.publish({ destination: '/queue/myapp.a', headers: { note: 'n' }, body })
  })
  await expect.poll(() => heard).toEqual(['a:b\nc é€😀', 'n 1', 'n 2'])

  const states: string[] = []
  stomp.onState(({ at }) => states.push(at))
  testBed.proxy.cut()
  await expect.poll(() => states.at(-1)).toBe('open')
  expect(states).toEqual(['waiting', 'connecting', 'open'])
  await stomp.publish({ destination: '/queue/myapp.a', headers: { note: 'n' }, body: '3' })
  await expect.poll(() => heard.at(-1)).toBe('n 3')
  await stomp.close()
  expect(stomp.state).toEqual({ at: 'closed' })
})
