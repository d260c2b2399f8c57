/**
 * Shows the frames that an eavesdropper at the broker's TCP port has of one job, open and sealed: the blocks of docs/security.md.
 * It starts the embedded broker, a worker and a master, and captures every byte between them.
 *
 *     node scripts/docs/eavesdropper.ts
 */
import { startMaster } from 'drover/master'
import { newKey, publicKeys } from 'drover/seal'
import { defineTask, implement, startWorker } from 'drover/worker'
import * as z from 'zod'
import { listenTcp } from '../../bridge/node/tcp.ts'
import { createEmbeddedBroker } from '../../broker/mod.ts'
import { startWiretap } from '../../test/support/wiretap.ts'

const text = 'Move 40,000 to Zoe'
const task = defineTask('letters.send', {
  input: z.object({ text: z.string() }),
  output: z.object({ answer: z.string() }),
})
const tasks = [implement(task, input => ({ answer: `Sent: ${input.text}` }))]

/**
 * Runs one job, and captures it.
 * @param isSealed whether master and worker have keys
 * @returns the frames of the job and of its result, under a line that says whether its text is in the bytes that passed
 */
export async function eavesdropped(isSealed: boolean): Promise<string> {
  const all = await captured(isSealed)
  const sends = all.split('\0').filter(frame => frame.trimStart().startsWith('SEND\n'))
  const frames = [/"task":"letters\.send",.*"(?:input|sealed)"/s, /"type":"result"/].map(shape => {
    const frame = sends.find(one => shape.test(one))
    if (frame === undefined) throw new Error(`No frame like ${shape} passed the wire`)
    return shownFrame(frame.trimStart())
  })
  const where = all.includes(text) ? 'is among' : 'is not among'
  return [`"${text}" ${where} the ${all.length} bytes that passed`, ...frames].join('\n\n')
}

/** Every byte that passed, as Latin-1 text. */
async function captured(isSealed: boolean): Promise<string> {
  await using stack = new AsyncDisposableStack()
  const broker = stack.use(createEmbeddedBroker())
  const { port, close } = await listenTcp({ port: 0, accept: broker.accept })
  stack.defer(close)
  const address = `stomp://foo:bar@127.0.0.1:${port}`
  const tap = stack.use(await startWiretap(address))
  const url = tap.through(address)
  const keys = { keys: [await newKey('x25519')] }
  const seal = isSealed ? { keys } : undefined
  stack.use(await startWorker({ url, tasks, signals: false, seal }))
  const master = stack.use(await startMaster({ url, seal: seal && { keys: publicKeys(keys) } }))
  await master.run(task, { text })
  return tap.text()
}

/** Ids and times are left out. */
const shownMembers: readonly string[] = ['task', 'type', 'input', 'output', 'sealed']
const width = 100

/** The command, the destination and the body, with long texts cut. */
function shownFrame(frame: string): string {
  const [head = '', body = ''] = frame.split('\n\n')
  const [command = '', ...headers] = head.split('\n')
  const destination = headers.find(header => header.startsWith('destination:')) ?? ''
  const members = Object.entries(JSON.parse(body) as Record<string, unknown>)
  const shown = Object.fromEntries(members.filter(([name]) => shownMembers.includes(name)))
  return [command, destination, '…', '', wrapped(JSON.stringify(shown, cut).replace('{', '{… '))].join('\n')
}

const cut = (name: string, value: unknown): unknown =>
  typeof value === 'string' && !shownMembers.includes(name) && name !== 'text' && name !== 'answer'
    ? `${value.slice(0, 12)}…`
    : value

/** Broken behind commas. */
function wrapped(json: string): string {
  const lines = ['']
  for (const part of json.split(/(?<=,)(?=")/)) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + part.length > width) lines.push(`  ${part}`)
    else lines[lines.length - 1] = last + part
  }
  return lines.join('\n')
}

if (import.meta.main) for (const isSealed of [false, true]) console.log(`${await eavesdropped(isSealed)}\n`)
