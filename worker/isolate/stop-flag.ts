/** Memory by which code that does not yield is told to stop. Without imports: a thread loads it that is to be there at once. */

/** Memory of two numbers: the run that is to stop, and why. */
export const newStopFlag = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(8))

/** Says in the flag that a run is to stop. @param why a `stopNumber` */
export function raiseFlag(flag: Int32Array<SharedArrayBuffer>, run: number, why: number): void {
  Atomics.store(flag, 1, why)
  Atomics.store(flag, 0, run)
}
