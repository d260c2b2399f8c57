/**
 * Recorded frames as a file that people can read: `=== {scenario}`, and in it each frame behind a line
 * `--- {who} says` or `--- {who} hears`, as it was on the wire, with `^@` for its NUL.
 */
import { readFileSync } from 'node:fs'
import type { Told } from './tap.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export type Recording = ReadonlyMap<string, readonly Told[]>

export function writeFrames(recording: Recording): string {
  let text = ''
  for (const [scenario, frames] of recording) {
    text += `=== ${scenario}\n`
    for (const { who, way, bytes } of frames) {
      text += `--- ${who} ${way}\n${decoder.decode(bytes.subarray(0, -1)).replaceAll('\r', '^M')}^@\n`
    }
  }
  return text
}

/** @param file as `writeFrames` wrote it */
export function readFrames(file: URL): Recording {
  const recording = new Map<string, Told[]>()
  for (const part of readFileSync(file, 'utf8').split(/^=== /m).slice(1)) {
    const [scenario = '', ...lines] = part.split('\n')
    const frames = lines
      .join('\n')
      .split(/^--- (\w+) (says|hears)\n/m)
      .slice(1)
    const told: Told[] = []
    for (let at = 0; at < frames.length; at += 3) {
      const [who = '', way = '', text = ''] = frames.slice(at, at + 3)
      const bytes = encoder.encode(text.replace(/\^@\n$/, '\0').replaceAll('^M', '\r'))
      told.push({ who, way: way as Told['way'], bytes })
    }
    recording.set(scenario, told)
  }
  return recording
}
