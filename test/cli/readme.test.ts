/**
 * README's blocks, from its first to its last, as a stranger runs them: in a fresh copy of the checkout, by a shell, with the
 * Node that npm finds there. Only ports and the names of hosts are others. The block of a page runs in
 * test/browser/readme.test.ts.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { blocksOf } from '../../scripts/check/blocks.ts'
import { repositoryFiles } from '../../scripts/check/imports.ts'
import { freePorts } from '../support/free-ports.ts'

const blocks = blocksOf(readFileSync('README.md', 'utf8'))

/** The output by which a long-running command shows that it is at work. */
const atWork = /^ready http|\btakes .* from stomp:/m

test('the blocks run in their order', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = freshCopy()
  stack.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  const [stompPort = 0] = await freePorts(1)
  const said: string[] = []
  for (const block of blocks) {
    if (block.file !== undefined) writeFileSync(join(folder, block.file), withPorts(block.text, stompPort))
    if (block.language !== 'sh') continue
    const [port = 0] = await freePorts(1)
    const command = new Command(withPorts(block.text, stompPort), folder, { PORT: port, STOMP_PORT: stompPort })
    stack.use(command)
    const outcome = await command.endsOrWorks(atWork)
    expect(outcome, `README.md:${block.line} ${block.text}\n${command.output}`).toMatch(/^(0|works)$/)
    said.push(command.output)
  }
  expect(said.filter(output => atWork.test(output))).toHaveLength(3)
  expect(said[1]).toMatch(/node-1[\s\S]*deno-1|deno-1[\s\S]*node-1/)
  expect(said[3]).toBe('{ width: 320 }\n')
}, 180_000)

const withPorts = (text: string, stompPort: number): string =>
  text.replaceAll(/\b(localhost|broker\.example):61613\b/g, `127.0.0.1:${stompPort}`)

/**
 * The files of the checkout but for its tests, which a run would take for its own, and those that `npm ci` put beside
 * them, linked: .ci/run downloads these, before all tests.
 */
function freshCopy(): string {
  mkdirSync('.test-results', { recursive: true })
  const folder = resolve(mkdtempSync('.test-results/readme-'))
  for (const file of repositoryFiles().filter(name => !name.endsWith('.test.ts'))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(file, join(folder, file))
  }
  execFileSync('cp', ['-al', resolve('node_modules'), join(folder, 'node_modules')])
  return folder
}

/** One block in a shell, with all that it starts. Disposing ends it as Ctrl-C does. */
class Command implements AsyncDisposable {
  output = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<string>
  #errors = ''
  #onOutput = (): void => {}

  constructor(text: string, cwd: string, ports: Readonly<Record<string, number>>) {
    // `npm ci` would download the packages again: it only compares package.json with the lock here
    const script = `npm() { if [ "$1" = ci ]; then command npm ci --dry-run --offline >&2; else command npm "$@"; fi; }\n${text}`
    const steering = Object.entries(ports).map(([name, port]) => [name, `${port}`])
    this.#child = spawn('bash', ['-ec', script], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...Object.fromEntries(steering), XDG_STATE_HOME: join(cwd, '.state'), NO_COLOR: '1' },
    })
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (stream === this.#child.stdout) this.output += text
        else this.#errors += text
        this.#onOutput()
      })
    }
    this.#ended = new Promise(done =>
      this.#child.once('close', code => done(`${code}\n${code === 0 ? '' : this.#errors}`.trim())),
    )
  }

  /** @returns `works`, or the exit code and, but for 0, its standard error */
  async endsOrWorks(pattern: RegExp): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#onOutput = () => pattern.test(this.output) && resolve('works')
    this.#onOutput()
    return await Promise.race([promise, this.#ended])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      process.kill(-this.#child.pid!, 'SIGINT')
    } catch {} // it has ended
    await this.#ended
  }
}
