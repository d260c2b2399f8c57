/** Ports that a bridge could not have all at once. */
import { defaultHttpPort, defaultStompPort } from '../../bridge/default-ports.ts'
import type { ServeConfig } from './schema.ts'

/** It listens on all addresses of the machine. */
const isEveryAddress = (host: string): boolean => /^(0\.0\.0\.0|\[?::\]?)$/.test(host)

/**
 * @param nameOf as an error names a setting
 * @returns a sentence for each that is another one too
 */
export function portFaults(config: ServeConfig, nameOf: (key: keyof ServeConfig) => string): string[] {
  const { host = '127.0.0.1', metrics_host = '127.0.0.1', broker } = config
  const { port = defaultHttpPort, stomp_port = defaultStompPort, metrics_port } = config
  const places = [
    ['port', port, host],
    ['stomp_port', broker === 'embedded' ? stomp_port : undefined, host],
    ['metrics_port', metrics_port, metrics_host],
  ] as const
  return places.flatMap(([name, number, at], index) => {
    const isSame = ([, other, there]: (typeof places)[number]): boolean =>
      other === number && (there === at || isEveryAddress(there) || isEveryAddress(at))
    const taken = number === undefined || number === 0 ? undefined : places.slice(0, index).find(isSame)
    return taken === undefined
      ? []
      : [`${nameOf(name)} is ${number}, as is ${nameOf(taken[0])}; give one of the two another`]
  })
}
