/** The contract read by zod and the contract read by what a page downloads in its place: they must always agree. */
import { mkdir, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { build, type Rollup } from 'vite'
import { beforeAll, expect, test } from 'vitest'
import type * as Contract from '../../shared/contract/mod.ts'
import { leanZod } from '../../vite.config.ts'

type Parsers = Pick<typeof Contract, 'parseReply' | 'parsePresence' | 'parseControl' | 'parseEvent' | 'parseJob'>
type Schemas = Pick<typeof Contract, 'Grants' | 'TaskName' | 'RequestId' | 'Namespace'>

let lean: Parsers & Schemas
let contract: Parsers & Schemas
beforeAll(async () => {
  contract = await import('../../shared/contract/mod.ts')
  const result = (await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: [leanZod] },
    build: { write: false, rolldownOptions: { input: 'shared/contract/mod.ts', preserveEntrySignatures: 'strict' } },
  })) as Rollup.RollupOutput
  const { code } = result.output[0]
  expect(code).not.toContain('~standard.validate')
  const file = resolve(`.test-results/lean-contract-${process.pid}.mjs`)
  await mkdir('.test-results', { recursive: true })
  await writeFile(file, code)
  lean = (await import(pathToFileURL(file).href)) as typeof Contract
}, 60_000)

const id = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'
/** Of each field, values that fit, values that nearly fit, and anything. */
const values: Record<string, readonly unknown[]> = {
  v: [1, 0, 2, 1.5, '1', null],
  request_id: [id, id.toUpperCase(), 'x', 7],
  worker_id: ['w', '', 'w'.repeat(200), 'w'.repeat(201)],
  seq: [0, 1, -1, 0.5, 2 ** 53],
  at: [0, -5.5, 1e300],
  attempt: [1, 0, -1, 3],
  name: ['n', '', 'n'.repeat(201)],
  losses: [0, 2, -1],
  percent: [0, 100, 100.5, -1, '50'],
  message: ['m', '', 5],
  level: ['info', 'fatal', 'debug'],
  error: [{ name: 'E', code: 'c', message: 'm', retryable: true }, {}, { retryable: 'yes' }, [], null],
  next_at: [5],
  took_ms: [0, -1],
  issues: [[], [{ path: 'a', message: 'b' }], [{ message: 'b' }], [{ path: 'a' }], 'x'],
  reason: ['r', 'r'.repeat(501)],
  output: [null, { a: 1 }],
  data: [null, 'd', [1]],
  state: ['idle', 'busy', 'asleep'],
  concurrency: [4, -1],
  active: [0],
  processed: [0],
  failed: [0],
  interval_ms: [10_000, 0],
  task: ['image.thumbnail', 'Image', 'a..b', 'a'.repeat(201)],
  input: [{}, null],
  input_schema: [{ type: 'object' }, true],
  runtime: ['node', 5],
  host: ['h'],
  started_at: [5],
  features: [[], ['a'], [5]],
  issued_at: [5],
  timeout_ms: [1, 0],
  sender: ['foo', null],
  ns: ['myapp', 'My app', 'a.b', 'a.tasks', 'a.dead.b', 'tasks', 'tasks.a', 'a.tasks2'],
  dispatch: [['*'], ['a.*', 'b'], ['a*'], 'a', Array(1001).fill('a')],
  workers: [true, 'yes'],
  unknown_field: [1],
  __proto__x: [1],
}
const types = [
  'accepted',
  'progress',
  'log',
  'partial',
  'retrying',
  'result',
  'error',
  'rejected',
  'cancelled',
  'beat',
  'announce',
  'cancel',
  'state',
  'ping',
  'other',
]

const message = fc
  .record(
    Object.fromEntries([
      ['type', fc.constantFrom(...types)],
      ...Object.entries(values).map(([key, some]) => [
        key,
        // Mostly what fits: a message with two wrong fields says little about the second.
        fc.oneof(
          { weight: 30, arbitrary: fc.constant(some[0]) },
          { weight: 4, arbitrary: fc.constantFrom(...some) },
          { weight: 1, arbitrary: fc.jsonValue() },
        ),
      ]),
    ]) as { type: fc.Arbitrary<string> },
    { requiredKeys: ['type'] },
  )
  .map(fields => JSON.stringify(fields))

function said(run: () => unknown): unknown {
  try {
    return { gave: run() }
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    // Of an integer that is too large zod says twice that it is invalid.
    return { threw: code, message: [...new Set(message.split(/; |fields: /))].join('; ') }
  }
}

for (const parser of ['parseReply', 'parsePresence', 'parseControl', 'parseEvent', 'parseJob'] as const) {
  test(`${parser}() answers alike`, () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: message }, { weight: 1, arbitrary: fc.json() }), text => {
        expect(said(() => lean[parser](text))).toStrictEqual(said(() => contract[parser](text)))
      }),
      { numRuns: 2000 },
    )
  })
}

test('grants, names and identifiers are read alike', () => {
  const read = ({
    success,
    data,
    error,
  }: {
    success: boolean
    data?: unknown
    error?: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } | undefined
  }) => (success ? data : [...new Set(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`))])
  fc.assert(
    fc.property(message, fc.jsonValue(), (text, any) => {
      for (const value of [JSON.parse(text), any]) {
        expect(read(lean.Grants.safeParse(value))).toStrictEqual(read(contract.Grants.safeParse(value)))
        for (const name of ['TaskName', 'RequestId', 'Namespace'] as const) {
          const one = (value as { task?: unknown } | null)?.task ?? value
          expect(read(lean[name].safeParse(one))).toStrictEqual(read(contract[name].safeParse(one)))
        }
      }
    }),
    { numRuns: 1000 },
  )
})
