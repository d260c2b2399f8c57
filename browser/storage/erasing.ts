/** Jobs that are erased in one tab are not written again by another of the same owner. */

export interface Erasing {
  /** Tells the other tabs. */
  tell(): void
  stop(): void
}

/**
 * @param name of the database
 * @param owner absent: nobody else has jobs of this one
 * @param onErased another tab has erased all that this owner had
 */
export function followErasing(name: string, owner: string | undefined, onErased: () => void): Erasing {
  const channel = owner === undefined ? undefined : openChannel(`drover erased ${name}`)
  if (channel === undefined) return { tell() {}, stop() {} }
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === owner) onErased()
  }
  return {
    tell() {
      try {
        channel.postMessage(owner)
      } catch {} // closed by the browser: it is erased all the same
    },
    stop: () => channel.close(),
  }
}

/** @returns `undefined` where the browser has none, or refuses it: then other tabs are not told */
function openChannel(name: string): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(name)
  } catch {
    return undefined
  }
}
