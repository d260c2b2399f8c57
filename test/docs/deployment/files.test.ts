/** The units of systemd and the manifests of Kubernetes in docs/deployment: their schemas, and their commands. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { pythonPath, readPrepared } from '../../../scripts/test/prepared.ts'
import { secret, startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { drover, startDrover } from '../../support/cli/program.ts'

const run = promisify(execFile)
const folder = 'docs/deployment'
const missing = readPrepared()
const environment = { DROVER_BROKER: 'stomp://bridge:password@broker:61613', DROVER_SECRET: secret }

const isWrong = async (arranged: Promise<unknown>): Promise<boolean> =>
  await arranged.then(
    () => false,
    () => true,
  )

test.skipIf(missing.python)('Kubernetes knows every field of the manifests', async () => {
  const env = { ...process.env, PYTHONPATH: pythonPath }
  const validate = (file: string) => run('python3', ['-m', 'kubernetes_validate', '--strict', file], { env })
  await validate(`${folder}/kubernetes.yaml`)
  const text = await readFile(`${folder}/kubernetes.yaml`, 'utf8')
  await using other = await temporary('kubernetes.yaml', text.replace('readinessProbe', 'readynessProbe'))
  expect(await isWrong(validate(other.path))).toBe(true)
})

test.skipIf(missing.systemd)('systemd knows every key of the units, and finds their programs', async () => {
  for (const name of ['drover-bridge.service', 'drover-worker.service']) {
    const text = (await readFile(`${folder}/${name}`, 'utf8')).replaceAll('/opt/drover/', `${process.cwd()}/`)
    await using unit = await temporary(name, text)
    const verify = (file: string) => run('systemd-analyze', ['verify', '--man=no', file])
    expect(await verify(unit.path)).toEqual({ stdout: '', stderr: '' })
    await using other = await temporary(name, text.replace('Restart=', 'Restarts='))
    expect((await verify(other.path)).stderr).toMatch(/Unknown key.* 'Restarts'/)
  }
})

test('the settings that they name are settings', async () => {
  const manifests = parseAllDocuments(await readFile(`${folder}/kubernetes.yaml`, 'utf8')).map(one => one.toJS())
  const settings = manifests.find(({ kind }) => kind === 'ConfigMap').data['drover.toml']
  const unit = await readFile(`${folder}/drover.toml`, 'utf8')
  for (const text of [settings, unit]) {
    await using file = await temporary('drover.toml', text)
    const env = { ...environment, DROVER_METRICS_TOKEN: secret }
    expect(await drover(['serve', '--config', file.path, '--check'], { env })).toMatchObject({ code: 0, stderr: '' })
  }
})

test('the workers that they name start, and are told by a token of a file', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  await using token = await temporary('token', await tokenFor('boxes', { work: ['*'] }))
  const argsOf = { 'drover-worker.service': argsOfUnit, 'kubernetes.yaml': argsOfManifest }
  for (const [name, argsIn] of Object.entries(argsOf)) {
    const args = argsIn(await readFile(`${folder}/${name}`, 'utf8')).map(arg =>
      arg
        .replace('/opt/tasks/tasks.ts', 'examples/tasks/mod.ts')
        .replace(/^\/.*token$/, token.path)
        .replace(/^\/.*worker\.db$/, `${token.path}.db`)
        .replace('https://jobs.example', bridge.url),
    )
    await using worker = startDrover(args)
    await worker.says(/takes .*host\.facts/)
  }
})

const argsOfUnit = (text: string): string[] =>
  /^ExecStart=\S+ \S+ ((?:.*\\\n)*.*)$/m.exec(text)![1]!.replaceAll('\\\n', '').trim().split(/\s+/)

function argsOfManifest(text: string): string[] {
  const manifests = parseAllDocuments(text).map(one => one.toJS())
  return manifests.find(({ metadata }) => metadata.name === 'drover-worker').spec.template.spec.containers[0].args
}

async function temporary(name: string, text: string): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-deployment-'))
  const path = join(folder, name)
  await writeFile(path, text)
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
