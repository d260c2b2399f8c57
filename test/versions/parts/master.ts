/**
 * A master of a checkout, as a process with its jobs in a file: `master.ts CHECKOUT OPTIONS`. It dispatches as it is told
 * to. It writes `sent {request_id}` and `outcome {request_id} {JSON}` for all jobs that it knows, and `open {n}` as that
 * changes.
 */
import process from 'node:process'
import { moduleOf } from './checkout.ts'

export interface MasterPart {
  url: string
  token?: string | undefined
  namespace: string
  masterId: string
  /** Where it keeps its jobs. */
  file: string
  /** The jobs that it dispatches at its start, in order. */
  dispatch: readonly { task: string; input: unknown; timeoutMs?: number; toAll?: boolean }[]
  /** ms between two of them. */
  everyMs: number
}

const [, , folder = '', options = '{}'] = process.argv
const { dispatch, everyMs, file, token, ...settings } = JSON.parse(options) as MasterPart
const { fileStorage, startMaster } = await moduleOf(folder, 'shared/master/node.ts')
const master = await startMaster({
  ...settings,
  ...(token === undefined ? {} : { token: () => token }),
  storage: fileStorage(file),
})
const told = new Set<string>()
let open = -1
master.onChange(tell)
tell()
console.log('ready')
for (const [n, { task, input, toAll, ...more }] of dispatch.entries()) {
  setTimeout(() => (toAll ? master.broadcast(task, input, more) : master.dispatch(task, input, more)), n * everyMs)
}

function tell(): void {
  let now = 0
  for (const { request_id, phase, losses, late } of master.jobs.values()) {
    if (phase.at !== 'unsent') once(`sent ${request_id}`)
    if (phase.at === 'ended')
      once(`outcome ${request_id} ${JSON.stringify({ losses, late: late.length, ...phase.outcome })}`)
    else now++
  }
  if (now !== open) console.log(`open ${now}`)
  open = now
}

function once(line: string): void {
  if (told.has(line)) return
  told.add(line)
  console.log(line)
}
