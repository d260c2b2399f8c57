/** Names and addresses of machines. */

/** Whether that is this machine alone. @param hostname in small letters */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '::1' || hostname === '[::1]' || /^127(\.[0-9]{1,3}){3}$/.test(hostname)

/** As it stands in a URL: IPv6 in brackets. */
export const hostInUrl = (hostname: string): string =>
  hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname
