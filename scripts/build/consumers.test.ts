/** The published package, as the compilers of its users see it. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../test/commands.ts'
import { writePackage } from './package.ts'

const root = resolve(import.meta.dirname, '../..')
/** Its own name leads a package to its own exports, as an installed one. */
const program = `
import { fileStorage, type Master, startMaster } from 'drover/master'
import { defineTask, implement, startWorker } from 'drover/worker'
import { serveBridge } from 'drover/bridge'
import { parseJob } from 'drover/contract'
import { connectStomp } from 'drover/stomp'
import * as z from 'zod'
import 'drover/widgets/define'

const add = defineTask('sums.add', { input: z.object({ n: z.int() }) })
export const jobs: Promise<Master> = startMaster({ url: 'wss://jobs.example/stomp', storage: fileStorage('jobs.log') })
export const worker = startWorker({ url: 'stomp://localhost', tasks: [implement(add, async ({ n }) => n)] })
export const list = document.createElement('drover-jobs')
export const rest = [serveBridge, parseJob, connectStomp]
`
/** As a page has it: without the types of Node. */
const page = `
import { createMaster, type Master } from 'drover/master'
import type { Stomp } from 'drover/stomp'
import 'drover/widgets/define'

export const use = async (stomp: Stomp): Promise<Master> => {
  await stomp[Symbol.asyncDispose]()
  return createMaster({ url: 'wss://jobs.example/stomp' })
}
`
const programs = { program: ['node'], page: [] }
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-package-'))
  await writePackage(root, folder)
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'program.ts'), program)
  await writeFile(join(folder, 'page.ts'), page)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each(
  Object.entries(programs).flatMap(([name, types]) =>
    ['bundler', 'nodenext', 'node16'].map(resolution => ({ name, types, resolution })),
  ),
)('$name has its types by moduleResolution $resolution, libraries checked', async ({ name, types, resolution }) => {
  const compilerOptions = {
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2024',
    lib: ['es2024', 'dom'],
    types,
    moduleResolution: resolution,
    module: resolution === 'bundler' ? 'esnext' : resolution,
  }
  const config = join(folder, `tsconfig.${name}.${resolution}.json`)
  await writeFile(config, JSON.stringify({ compilerOptions, files: [`${name}.ts`] }))
  const { isOk, output } = await run([process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', config])
  expect(output.trim()).toBe('')
  expect(isOk).toBe(true)
})
