/** What is erased in one tab is not written again by another of the same owner. */

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
  if (owner === undefined || typeof BroadcastChannel === 'undefined') return { tell() {}, stop() {} }
  const channel = new BroadcastChannel(`drover erased ${name}`)
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === owner) onErased()
  }
  return { tell: () => channel.postMessage(owner), stop: () => channel.close() }
}
