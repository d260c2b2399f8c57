/** TLS to a broker beyond the runtime's own: an authority of one's own, a certificate of this side, another name. */

/** Each of `ca`, `cert` and `key` is the path of a PEM file, or PEM text itself. Files are read again once they have changed. */
export interface TlsOptions {
  /** The authorities that may have signed the broker's certificate, in place of those that the runtime trusts. */
  readonly ca?: string | undefined
  /** The certificate of this side, for a broker that asks for one; with those between it and its authority. */
  readonly cert?: string | undefined
  /** The key of `cert`. */
  readonly key?: string | undefined
  /** Opens `key` where that is encrypted. */
  readonly keyPassphrase?: string | undefined
  /** The name that the broker's certificate has, where that is not the host of the address. */
  readonly serverName?: string | undefined
}

/** The contents for one connection, in the words of Node. */
export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
  readonly servername?: string
}

/** Gives them as they are now. */
export type TlsSource = () => TlsMaterial
