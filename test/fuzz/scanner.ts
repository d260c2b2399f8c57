/**
 * Byte sequences through the frame scanner, and through the bridge's checks as sessions and as brokers. They come in blocks. A block is drawn from
 * seed and number alone, by any thread.
 */
import { connectFrameLimits, defaultFrameLimits, type FrameLimits } from '../../shared/frames/mod.ts'
import { dialects } from '../../shared/stomp/dialects/mod.ts'
import { type Random, seeded } from '../support/random.ts'
import { heardFrames, inputFrames, recordedSessions } from './corpus.ts'
import { cut, Mutator } from './mutate.ts'
import { playBroker } from './reader.ts'
import { brokenPromise, type Setting } from './scanner-properties.ts'
import { foreign, granted } from './words.ts'
import { playSession, type Speaking } from './writer.ts'

export interface Block {
  readonly seed: number
  readonly index: number
  readonly sequences: number
}

export interface BlockResult {
  /** Frames that the scanner found. */
  readonly frames: number
  /** Of those, frames that passed the checks of a session. */
  readonly written: number
  /** For each sequence that broke a promise the promise, its setting and its bytes; at most 10. */
  readonly broken: readonly string[]
}

const small: FrameLimits = { maxHeaders: 6, maxHeaderBytes: 300, maxBodyBytes: 100 }
// Longer ones take longer, and have nothing more to say
const frames = [...recordedSessions().flatMap(session => session.frames), ...heardFrames(), ...inputFrames()].filter(
  ({ length }) => length < 500,
)
const dialectNames = Object.keys(dialects) as (keyof typeof dialects)[]

/** Tries each promise of the scanner, and that nothing passes which the session has no right to. */
export function fuzzBlock({ seed, index, sequences }: Block): BlockResult {
  const random = seeded((seed + Math.imul(index + 1, 0x9e3779b1)) >>> 0)
  const mutator = new Mutator(random, { frames, destinations: [...granted, ...foreign], most: 2_000 })
  const broken: string[] = []
  let found = 0
  let written = 0
  const tell = (promise: string, setting: object, bytes: Uint8Array): void => {
    broken.push(`${promise}\n  as ${JSON.stringify(setting)}\n  ${shown(bytes)}`)
  }
  for (let left = sequences; left > 0 && broken.length < 10; left--) {
    const isSession = random.whole(0, 1) === 0
    const bytes = isSession ? drawSession(random, mutator) : mutator.stream()
    const setting = drawSetting(random)
    const { promise, frames: framesFound } = brokenPromise(bytes, cut(random, bytes), setting)
    found += framesFound
    if (promise !== undefined) tell(promise, setting, bytes)
    if (!isSession) {
      const version = random.pick(['1.2', '1.1', '1.0'] as const)
      const said = playBroker(cut(random, bytes), version)
      if (said !== undefined) tell(said, { version }, bytes)
      continue
    }
    const speaking = drawSpeaking(random)
    const fault = playSession(bytes, speaking, () => void written++)
    if (fault !== undefined) tell(fault, speaking, bytes)
  }
  return { frames: found, written, broken }
}

const drawSession = (random: Random, mutator: Mutator): Uint8Array =>
  random.whole(0, 2) === 0 ? mutator.odd() : mutator.session()

function drawSetting(random: Random): Setting {
  return {
    version: random.pick(['1.2', '1.2', '1.1', '1.0', undefined] as const),
    isLenient: random.whole(0, 5) === 0,
    limits: random.pick([defaultFrameLimits, defaultFrameLimits, connectFrameLimits, small]),
  }
}

function drawSpeaking(random: Random): Speaking {
  const dialect = random.pick(dialectNames)
  const versions =
    dialects[dialect].newestVersion === '1.2' ? (['1.2', '1.2', '1.1', '1.0'] as const) : (['1.1', '1.0'] as const)
  return { dialect, version: random.pick(versions) }
}

/** In JSON's escapes, one character a byte. */
export const shown = (bytes: Uint8Array): string => JSON.stringify(Buffer.from(bytes).toString('latin1'))
