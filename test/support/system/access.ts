/** How one side connects; plain data, for processes too. */
export interface Access {
  url: string
  namespace: string
  /** Where there is a bridge. */
  token?: string
}

/** The same as masters, workers and connections take it. */
export const connectionOf = ({ url, namespace, token }: Access) => ({
  url,
  namespace,
  ...(token === undefined ? {} : { token: () => token }),
})
