import { isDeno } from '../executables.ts'
import { withoutPassword } from '../settings.ts'

const fromEnvironment = `export DROVER_URL="\${DROVER_BROKER:?set it here as well, with its password}"`

/**
 * Commands to try next, ready to be pasted into another terminal.
 * @param stompPort of the broker; another one than the default has to be said
 * @param brokerUrl when it is not the one on this machine: its password is not printed, so it has to come from the environment
 */
export function nextSteps(stompPort: number, defaultPort: number, brokerUrl: string | undefined): string[] {
  const drover = isDeno ? 'deno task drover' : 'npx drover'
  const env = brokerUrl !== undefined || stompPort === defaultPort ? '' : `STOMP_PORT=${stompPort} `
  const dispatch = `${env}${drover} dispatch`
  return [
    '',
    'try, in another terminal:',
    ...(brokerUrl === undefined
      ? []
      : [`  ${fromEnvironment}  # DROVER_BROKER as here: ${withoutPassword(brokerUrl)}`]),
    `  ${dispatch} host.facts --broadcast`,
    `  ${dispatch} log.search --broadcast --input '{"pattern":"timed out*8080","limit":5}'`,
    `  ${dispatch} image.thumbnail --input '{"path":"pictures/dusk.jpg","width":160}'`,
    `  ${dispatch} folder.checksum --input '{"max_bytes_per_s":20000}'     # Ctrl-C cancels it`,
    '',
  ]
}
