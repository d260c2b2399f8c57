/** Frames that must not pass. Design section 4, promise 7. */

import { hostileDestinations } from './destinations.ts'
import { escapesBehindNames, escapesInFirst } from './escapes.ts'
import type { Hostile } from './frame.ts'
import { malformedFrames } from './malformed.ts'
import { hostileWorkerFrames } from './worker-frames.ts'

export const hostileFrames: readonly Hostile[] = [
  ...escapesInFirst,
  ...hostileDestinations,
  ...hostileWorkerFrames,
  ...malformedFrames,
  ...escapesBehindNames,
]
