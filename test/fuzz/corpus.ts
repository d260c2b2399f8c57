/** The sessions that mutated ones are made of: recordings of a master, a worker and both sides of a bridge, and inputs of tests. */
import { readdirSync, readFileSync } from 'node:fs'
import { readFrames } from '../versions/frames.ts'

const encoder = new TextEncoder()

/** All frames that a session says, in order. */
export interface RecordedSession {
  readonly who: string
  readonly frames: readonly Uint8Array[]
}

/** Of a bridge's master and worker, and of the bridge at its broker. */
export function recordedSessions(): RecordedSession[] {
  const recording = readFrames(new URL('../versions/first/bridge.frames', import.meta.url))
  return [...recording.values()].flatMap(told => {
    const peers = new Set(told.map(({ who }) => who))
    return [...peers].map(who => ({
      who,
      frames: told.filter(one => one.who === who && one.way === 'says').map(({ bytes }) => bytes),
    }))
  })
}

/** Frames of brokers. */
export function heardFrames(): Uint8Array[] {
  return ['classic', 'artemis', 'rabbitmq'].flatMap(name => {
    const recording = readFrames(new URL(`../versions/first/${name}.frames`, import.meta.url))
    return [...recording.values()].flat().flatMap(({ way, bytes }) => (way === 'hears' ? [bytes] : []))
  })
}

/** Frames that programs were seen to send, such as clients in Ruby. */
export function inputFrames(): Uint8Array[] {
  const folder = new URL('../cases/inputs/', import.meta.url)
  return readdirSync(folder)
    .filter(name => name.endsWith('.frame'))
    .map(name => encoder.encode(`${readFileSync(new URL(name, folder), 'utf8').split('^@')[0]}\0`))
}
