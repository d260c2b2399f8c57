/** A fresh unguessable text of letters, digits and dashes at every call. Composing code passes it on as a port. */
export const randomId = (): string => crypto.randomUUID()
