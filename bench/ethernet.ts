/**
 * A network of the bench's own, with the packet size of Ethernet. The loopback's segments are 64 KiB, as large as the buffer
 * into which ActiveMQ reads: with both, TCP holds back a burst until a timer of 200 ms (RFC 9293, section 3.8.6.2.1), the
 * more often the fewer writes a burst is made of. That measures the loopback, and not the two ends.
 */
import { spawnSync } from 'node:child_process'

const mtu = 1500
const setting = 'NETWORK'
const inNetwork = (command: readonly string[]): string[] => [
  '--map-root-user',
  '--net',
  'sh',
  '-c',
  `ip link set lo mtu ${mtu} up && exec "$@"`,
  'sh',
  ...command,
]

/**
 * Runs this process again in such a network and ends with its exit code. Returns when it runs there already, when `NETWORK=loopback`
 * asks for the machine's own, or where it is not possible (it takes Linux, `unshare` and `ip`), which it says.
 */
export function moveToEthernet(): void {
  if (process.env[setting]) return
  if (spawnSync('unshare', inNetwork(['true'])).status !== 0) {
    console.log(
      'Measured over the loopback as it is: a network with the packets of Ethernet needs Linux with `unshare` and `ip`',
    )
    return
  }
  const { status } = spawnSync('unshare', inNetwork([process.execPath, ...process.argv.slice(1)]), {
    stdio: 'inherit',
    env: { ...process.env, [setting]: 'ethernet' },
  })
  process.exit(status ?? 1)
}
