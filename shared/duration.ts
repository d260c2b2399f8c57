/** Durations for people. */

/** Writes a duration for people: `85 ms`, `1.2 s`, `3 min 20 s`, `1 h`, `2 d 5 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return joined([minutes, 'min'], [seconds % 60, 's'])
  if (hours < 24) return joined([hours, 'h'], [minutes % 60, 'min'])
  return joined([Math.floor(hours / 24), 'd'], [hours % 24, 'h'])
}

const joined = (...parts: readonly (readonly [number, string])[]): string =>
  parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count} ${unit}`])).join(' ')
