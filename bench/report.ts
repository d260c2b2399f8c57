/** Figures as people read them. */

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The figure that `share` of the sorted ones do not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

/** Prints rows under a title, the first row as the head. */
export function table(title: string, rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')
  console.log(`\n${title}\n`)
  for (const row of rows) console.log(`  ${line(row)}`)
}

export const whole = (figure: number): string => Math.round(figure).toLocaleString('en')
export const ratio = (figure: number): string => figure.toFixed(2)
export const ms = (figure: number): string => `${figure.toFixed(3)} ms`
export const microseconds = (figure: number): string => `${figure.toFixed(1)} us`
