/**
 * The observer sees every job in a storm, and every broken promise. It reads the lines of masters and workers as they come,
 * by this process's clock, which no fault touches.
 */
import { until } from '../support/until.ts'
import type { Told } from './masters.ts'
import type { PlannedJob } from './plan.ts'
import type { Run, Seen } from './seen.ts'
import type { SupervisorLog } from './supervisor.ts'

/** How long a frame of a process may take to leave it, on a busy machine. */
const leavingMs = 500
/** The same for frames from before the task's code began: a WebSocket's runtime may still have them. */
const beginningMs = 50

export class Observer {
  readonly jobs = new Map<string, Seen>()
  /** The promises that were broken on the way. */
  readonly problems: string[] = []
  /** How often a worker gave a job back, or published it again, that it had not begun. */
  handedOn = 0
  /**
   * Runs at whose edge their process died: it had said `accepted` and not begun, or had made an outcome that may not have left.
   * Whether such a run was cut off is for its master to say.
   */
  onEdge = 0
  /** Runs that were cut off as soon as they had begun, so that their `accepted` may not have left. */
  justBegun = 0
  /** Workers that take jobs, by name, and since when. */
  readonly #ready = new Map<string, number>()
  /** Each time that a worker settled a delivery. */
  readonly #settled: { readonly worker: string; readonly seen: Seen; readonly at: number }[] = []
  /** The jobs that each process has accepted and not begun. */
  readonly #begins = new Map<string, Set<Seen>>()
  readonly #running = new Map<string, Map<string, Run>>()
  readonly #startedAt = performance.now()

  constructor(plans: ReadonlyMap<string, readonly PlannedJob[]>) {
    for (const [master, plan] of plans) {
      for (const job of plan) this.jobs.set(job.id, { ...job, master, history: [], runs: [], asked: new Set() })
    }
  }

  get open(): Seen[] {
    return [...this.jobs.values()].filter(({ ended }) => ended === undefined)
  }

  /** Resolves when workers of these names take jobs. */
  async allReady(names: readonly string[]): Promise<void> {
    const missing = (): string[] => names.filter(name => !this.#ready.has(name))
    const evidence = (): string => [...missing(), ...this.problems].join('\n')
    await until('all workers take jobs', () => missing().length === 0, { timeoutMs: 60_000, evidence })
  }

  /** The events as they come, for the history of jobs that are open now. */
  say(text: string): void {
    for (const seen of this.open) if (seen.told !== undefined) this.#tell(seen, `-- ${text}`)
  }

  /** @param mayDie whether they end their own process now and then */
  ofWorkers(mayDie: boolean): SupervisorLog {
    return {
      up: (name, run) => this.say(`worker ${name}.${run} starts`),
      line: (name, run, line) => {
        if (line === 'ready') this.#ready.set(name, performance.now())
        else this.#readWorker(`${name}.${run}`, line)
      },
      down: (name, run) => {
        this.#ready.delete(name)
        for (const { asked } of this.open) asked.delete(name)
        this.#cutOff(`${name}.${run}`)
      },
      endedItself: (name, log) => {
        if (!mayDie) this.problems.push(`Worker ${name} ended by itself:\n${log.slice(-2000)}`)
      },
    }
  }

  ofMasters(): SupervisorLog {
    return {
      up: (name, run) => this.say(`master ${name}.${run} starts`),
      line: (name, _run, line) => this.#readMaster(name, line),
      down: (name, run) => this.say(`master ${name}.${run} is gone`),
      endedItself: (name, log) => this.problems.push(`Master ${name} ended by itself:\n${log.slice(-2000)}`),
    }
  }

  /** A promise is broken. @param found completes "Job … (kind) …" */
  accuse(seen: Seen, found: string): void {
    this.problems.push(`Job ${seen.id} (${seen.kind}, of ${seen.master}) ${found}\n  ${seen.history.join('\n  ')}`)
  }

  #readMaster(name: string, line: string): void {
    if (!line.startsWith('job ')) {
      if (/unhandled|uncaught/i.test(line)) this.problems.push(`Master ${name}: ${line}`)
      return
    }
    const told = JSON.parse(line.slice(4)) as Told
    const seen = this.jobs.get(told.id)
    if (seen === undefined) return // one that tries the slots afterwards
    const { outcome } = told
    this.#tell(
      seen,
      `${told.at} ${outcome?.type ?? ''} attempt ${told.attempt}, ${told.losses} losses, ${told.late} late`,
    )
    if (seen.told === undefined && seen.kind === 'all') this.#ask(seen)
    if (told.repeated > (seen.told?.repeated ?? 0)) this.accuse(seen, 'was told a reply twice')
    seen.told = told
    const text = outcome === undefined ? undefined : JSON.stringify(outcome)
    if (seen.ended !== undefined && seen.ended.text !== text)
      this.accuse(seen, `went on after its end: ${seen.ended.text}`)
    if (outcome !== undefined && text !== undefined) seen.ended ??= { text, outcome, at: performance.now() }
  }

  #ask({ asked }: Seen): void {
    for (const [name, since] of this.#ready) if (performance.now() - since > 3_000) asked.add(name)
  }

  #readWorker(worker: string, line: string): void {
    const [what, , id] = line.split(' ')
    if (what === 'run' && id !== undefined) {
      const seen = this.jobs.get(id)
      if (seen === undefined) return
      this.#accepted(worker).delete(seen)
      const run: Run = { worker, at: performance.now() }
      seen.runs.push(run)
      const running = this.#running.get(worker) ?? new Map<string, Run>()
      running.set(id, run)
      this.#running.set(worker, running)
      this.#tell(seen, `${worker} runs it`)
    } else if (what === 'event') {
      this.#readEvent(worker, JSON.parse(line.slice(6)) as WorkerSays)
    } else if (/unhandled|uncaught/i.test(line)) {
      this.problems.push(`Worker ${worker}: ${line}`)
    }
  }

  #readEvent(worker: string, { type, what = '', request_id = '' }: WorkerSays): void {
    const seen = this.jobs.get(request_id)
    if (type !== 'job' || seen === undefined) return
    if (what !== 'accepted') this.#tell(seen, `${worker}: ${what}`)
    if (what === 'given_back') this.handedOn++
    if (what === 'accepted') this.#accepted(worker).add(seen)
    if (ends.has(what) || passesOn.has(what)) this.#settled.push({ worker, seen, at: performance.now() })
    if (!ends.has(what)) return
    const running = this.#running.get(worker)
    const run = running?.get(request_id)
    if (run === undefined) return
    run.endedAt = performance.now()
    running?.delete(request_id)
  }

  #cutOff(worker: string): void {
    this.say(`worker ${worker} is gone`)
    const now = performance.now()
    for (const run of this.#running.get(worker)?.values() ?? []) {
      run.cutOffAt = now
      if (now - run.at < beginningMs) this.justBegun++
    }
    this.#running.delete(worker)
    this.onEdge += this.#accepted(worker).size
    for (const one of this.#settled) if (one.worker === worker && now - one.at < leavingMs) one.seen.isUnsettled = true
    for (const { runs } of this.jobs.values()) {
      for (const run of runs) {
        if (run.worker === worker && now - (run.endedAt ?? 0) < leavingMs) this.onEdge++
      }
    }
  }

  #accepted(worker: string): Set<Seen> {
    const accepted = this.#begins.get(worker) ?? new Set()
    this.#begins.set(worker, accepted)
    return accepted
  }

  #tell(seen: Seen, text: string): void {
    seen.history.push(`${((performance.now() - this.#startedAt) / 1000).toFixed(2)} ${text}`)
  }
}

/** An event of a worker, as far as it counts here. */
interface WorkerSays {
  readonly type: string
  readonly what?: string
  readonly request_id?: string
}

const ends = new Set(['result', 'error', 'rejected', 'cancelled', 'retrying', 'requeued'])
const passesOn = new Set(['given_back', 'lost'])
