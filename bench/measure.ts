/** How long jobs take, some at a time. */

/** @returns each job's time in ms, sorted, and jobs a second */
export async function measure(
  run: (n: number) => Promise<unknown>,
  inFlight: number,
  count: number,
): Promise<[times: number[], jobsASecond: number]> {
  const took: number[] = []
  let next = 0
  const start = performance.now()
  const lane = async (): Promise<void> => {
    while (next < count) {
      const began = performance.now()
      await run(next++)
      took.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return [took.sort((a, b) => a - b), (count * 1000) / (performance.now() - start)]
}
