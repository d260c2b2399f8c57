/** What to check when a connection could not be opened, which a certificate is a reason for. */

const authority = 'an authority of your own is named by NODE_EXTRA_CA_CERTS on Node and by DENO_CERT on Deno'

/**
 * @param address where to; only `wss:` and `stomp+ssl:` have a certificate
 * @param found what the runtime said, which is nothing in a page
 */
export function whatToCheck(address: string, found: string): string {
  // Each of Node's and Deno's sentences about one has the word
  if (/certificate/i.test(found)) return `check its certificate and the name in the address (${authority})`
  if (found === '' && address.startsWith('wss:')) {
    return 'check that it runs, that the address is right and that its certificate is trusted here'
  }
  return 'check that it runs and that the address is right'
}
