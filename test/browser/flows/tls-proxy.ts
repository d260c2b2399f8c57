/** nginx and Caddy with the files of docs/deployment, which a test only gives other ports, names and certificates. */
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePorts, isFree } from '../../support/free-ports.ts'
import { type GuardedProcess, startGuarded } from '../../support/processes/guarded.ts'
import { until } from '../../support/until.ts'

/** A proxy with TLS before a bridge. It is there once `start` has resolved. */
export interface TlsProxy extends AsyncDisposable {
  /** `https://localhost:port` */
  readonly url: string
  readonly port: number
  log(): string
  start(): Promise<void>
  /** Ends it as its service does. */
  stop(): Promise<void>
}

export type ProxyName = 'nginx' | 'caddy'

const support = (name: string): string => fileURLToPath(new URL(`../../support/tls/${name}`, import.meta.url))
/** Of the authority that signed the certificate for `localhost`. */
export const caFile: string = support('ca.pem')

/**
 * @param bridgePort where the bridge listens
 * @param idleSeconds nginx closes a connection that was idle for as long
 */
export async function makeProxy(name: ProxyName, bridgePort: number, idleSeconds: number): Promise<TlsProxy> {
  const [port = 0] = await freePorts(1)
  const folder = await mkdtemp(join(tmpdir(), `drover-${name}-`))
  const command = await { nginx: writeNginx, caddy: writeCaddy }[name](folder, { port, bridgePort, idleSeconds })
  let running: GuardedProcess | undefined
  const log = (): string => running?.log() ?? ''
  const stop = async (): Promise<void> => {
    running?.signal('SIGTERM')
    await running?.ended
  }
  return {
    url: `https://localhost:${port}`,
    port,
    log,
    async start() {
      const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
      running = startGuarded(command, { env })
      await until(`${name} listens`, async () => running?.isRunning && !(await isFree(port)), { evidence: log })
    },
    stop,
    async [Symbol.asyncDispose]() {
      await running?.end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Places {
  readonly port: number
  readonly bridgePort: number
  readonly idleSeconds: number
}

async function writeNginx(folder: string, { port, bridgePort, idleSeconds }: Places): Promise<string[]> {
  const site = changed('nginx.conf', [
    ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
    ['server_name jobs.example;', 'server_name localhost;'],
    ['/etc/ssl/jobs.example/fullchain.pem', support('cert.pem')],
    ['/etc/ssl/jobs.example/privkey.pem', support('key.pem')],
    ['http://127.0.0.1:8787', `http://127.0.0.1:${bridgePort}`],
    ['proxy_read_timeout 60s;', `proxy_read_timeout ${idleSeconds}s;`],
  ])
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const paths = kinds.map(kind => `${kind}_temp_path ${join(folder, kind)};`).join('\n')
  const main = `user ${userInfo().username};\ndaemon off;\npid ${join(folder, 'pid')};\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${paths}\n${site}}\n`
  const file = join(folder, 'nginx.conf')
  await writeFile(file, main)
  return ['nginx', '-e', 'stderr', '-p', folder, '-c', file]
}

async function writeCaddy(folder: string, { port, bridgePort }: Places): Promise<string[]> {
  const site = changed('Caddyfile', [
    [
      'jobs.example {\n',
      `https://localhost:${port} {\n\tbind 127.0.0.1\n\ttls ${support('cert.pem')} ${support('key.pem')}\n`,
    ],
    ['127.0.0.1:8787', `127.0.0.1:${bridgePort}`],
  ])
  const file = join(folder, 'Caddyfile')
  await mkdir(folder, { recursive: true })
  await writeFile(file, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`)
  return ['caddy', 'run', '--config', file, '--adapter', 'caddyfile']
}

/** @throws where a part is not there just once outside of comments, so that the file and its test stay of one mind */
function changed(file: string, replacements: readonly (readonly [from: string, to: string])[]): string {
  let text = readFileSync(new URL(`../../../docs/deployment/${file}`, import.meta.url), 'utf8').replace(
    /^\s*#.*\n/gm,
    '',
  )
  for (const [from, to] of replacements) {
    if (text.split(from).length !== 2) throw new Error(`docs/deployment/${file} has "${from}" not once`)
    text = text.replace(from, to)
  }
  return text
}
