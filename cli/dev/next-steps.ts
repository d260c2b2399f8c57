import { isDeno } from '../executables.ts'
import { withoutPassword } from '../settings.ts'

/**
 * What to try next, as it can be pasted into another terminal.
 * @param stompPort of the broker; another one than the default has to be said
 * @param brokerUrl when it is not the one on this machine; shown without its password
 */
export function nextSteps(stompPort: number, defaultPort: number, brokerUrl: string | undefined): string[] {
  const drover = isDeno ? 'deno task drover' : 'npx drover'
  const env =
    brokerUrl !== undefined
      ? `DROVER_URL='${withoutPassword(brokerUrl)}' `
      : stompPort === defaultPort
        ? ''
        : `STOMP_PORT=${stompPort} `
  const dispatch = `${env}${drover} dispatch`
  return [
    '',
    'try, in another terminal:',
    `  ${dispatch} host.facts --broadcast`,
    `  ${dispatch} log.search --broadcast --input '{"pattern":"timed out*8080","limit":5}'`,
    `  ${dispatch} image.thumbnail --input '{"path":"pictures/dusk.jpg","width":160}'`,
    `  ${dispatch} folder.checksum --input '{"max_bytes_per_s":20000}'     # Ctrl-C cancels it`,
    '',
  ]
}
