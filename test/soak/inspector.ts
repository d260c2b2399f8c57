/** Looks into a Node process that was started with `--inspect`, which it need not know of. */
import { once } from 'node:events'
import { WebSocket } from 'ws'

/** The inside of a process, after a collection of garbage. */
export interface Inside {
  readonly pid: number
  readonly heapBytes: number
  readonly externalBytes: number
  /** How many there are of each kind, such as sockets and timers. */
  readonly resources: Readonly<Record<string, number>>
}

export interface Inspector extends AsyncDisposable {
  look(): Promise<Inside>
  /** How many objects of each class are alive, by name. The process stands still meanwhile, for some 100 ms. */
  objects(): Promise<Readonly<Record<string, number>>>
}

interface Remote {
  readonly objectId: string
  readonly value: unknown
}

interface Evaluated {
  readonly result: Remote
}

const expression =
  'JSON.stringify({ pid: process.pid, memory: process.memoryUsage(), resources: process.getActiveResourcesInfo() })'

const countByClass = `function () {
  const counts = {}
  for (const one of this) {
    const name = Object.getPrototypeOf(one)?.constructor?.name ?? ''
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}`

/** @param url as the process says it at its start */
export async function openInspector(url: string): Promise<Inspector> {
  const socket = new WebSocket(url, { maxPayload: 1_000_000 })
  await once(socket, 'open')
  const waiting = new Map<number, (result: unknown) => void>()
  let last = 0
  socket.on('message', (data: Buffer) => {
    const { id, result } = JSON.parse(data.toString()) as { id?: number; result?: unknown }
    if (id === undefined) return
    waiting.get(id)?.(result)
    waiting.delete(id)
  })
  const ask = (method: string, params: object = {}): Promise<unknown> => {
    const id = ++last
    const answered = new Promise(resolve => waiting.set(id, resolve))
    socket.send(JSON.stringify({ id, method, params }))
    return answered
  }
  return {
    async look() {
      // Finalizers of the first free more for the second
      await ask('HeapProfiler.collectGarbage')
      await ask('HeapProfiler.collectGarbage')
      const said = (await ask('Runtime.evaluate', { expression })) as Evaluated
      const { pid, memory, resources } = JSON.parse(said.result.value as string) as {
        pid: number
        memory: { heapUsed: number; external: number }
        resources: string[]
      }
      const counted: Record<string, number> = {}
      for (const kind of resources) counted[kind] = (counted[kind] ?? 0) + 1
      return { pid, heapBytes: memory.heapUsed, externalBytes: memory.external, resources: counted }
    },
    async objects() {
      const objectGroup = 'counted'
      const all = (await ask('Runtime.evaluate', { expression: 'Object.prototype', objectGroup })) as Evaluated
      const { objectId: prototypeObjectId } = all.result
      const found = (await ask('Runtime.queryObjects', { prototypeObjectId, objectGroup })) as { objects: Remote }
      const { objectId } = found.objects
      const call = { objectId, functionDeclaration: countByClass, returnByValue: true }
      const { result } = (await ask('Runtime.callFunctionOn', call)) as Evaluated
      await ask('Runtime.releaseObjectGroup', { objectGroup })
      return result.value as Record<string, number>
    },
    async [Symbol.asyncDispose]() {
      socket.terminate()
      if (socket.readyState !== socket.CLOSED) await once(socket, 'close')
    },
  }
}
