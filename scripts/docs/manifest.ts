/** The parts of a custom elements manifest that docs/widgets.md is made from, and how to get it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run } from '../test/commands.ts'

interface Named {
  readonly name: string
  readonly description?: string
}

export interface Member extends Named {
  readonly kind: 'field' | 'method'
  readonly type?: { readonly text: string }
  readonly default?: string
  readonly attribute?: string
  readonly readonly?: boolean
  readonly static?: boolean
  readonly parameters?: readonly Named[]
}

export interface Attribute extends Named {
  readonly type?: { readonly text: string }
  readonly fieldName?: string
  readonly default?: string
}

export interface Declaration extends Named {
  readonly tagName?: string
  readonly superclass?: { readonly name: string }
  readonly members?: readonly Member[]
  readonly attributes?: readonly Attribute[]
  readonly events?: readonly (Named & { readonly type?: { readonly text: string } })[]
  readonly slots?: readonly Named[]
  readonly cssParts?: readonly Named[]
  readonly cssProperties?: readonly (Named & { readonly default?: string })[]
}

export interface Manifest {
  readonly modules: readonly { readonly path: string; readonly declarations: readonly Declaration[] }[]
}

export const manifestConfig = 'scripts/docs/custom-elements-manifest.config.js'

/**
 * Runs the analyzer, aside from the output of `npm run manifest`.
 * @throws {Error} with the words of the analyzer
 */
export async function makeManifest(): Promise<Manifest> {
  // Below this folder, because the analyzer takes its output folder from here.
  const aside = mkdtempSync('.test-results/manifest-')
  try {
    const outdir = relative(process.cwd(), aside)
    const ran = await run(['cem', 'analyze', '--config', manifestConfig, '--quiet', '--outdir', outdir])
    if (!ran.isOk) throw new Error(`The analyzer failed: ${ran.output}`)
    return JSON.parse(readFileSync(join(aside, 'custom-elements.json'), 'utf8')) as Manifest
  } finally {
    rmSync(aside, { recursive: true })
  }
}
