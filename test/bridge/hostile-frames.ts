/** Frames that must not pass. Design section 4, promise 7. */
import { escapesBehindNames, escapesInFirst } from './hostile/escapes.ts'
import type { Hostile } from './hostile/frame.ts'
import { malformedFrames } from './hostile/malformed.ts'
import { hostilePlaces } from './hostile/places.ts'
import { hostileWorkerFrames } from './hostile/worker-frames.ts'

export const hostileFrames: readonly Hostile[] = [
  ...escapesInFirst,
  ...hostilePlaces,
  ...hostileWorkerFrames,
  ...malformedFrames,
  ...escapesBehindNames,
]
