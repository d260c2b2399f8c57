/** Destinations of a namespace, which recorded sessions name too, for a session with `fuzzGrants`. */

/** Those that it may send to. */
export const grantedIn = (ns: string): readonly string[] => [
  `/queue/${ns}.tasks.old.echo`,
  `/queue/${ns}.reply.ada.m`,
  `/queue/${ns}.tasks.old.steps`,
  `/topic/${ns}.control.old.echo`,
  `/topic/${ns}.workers.old.echo`,
]

/** Others. */
export const foreignIn = (ns: string): readonly string[] => [
  `/queue/${ns}.dead`,
  `/queue/${ns}.tasks.secret.task`,
  `/queue/${ns}.reply.eve.m`,
  '/queue/other.tasks.old.echo',
  `/queue/${ns}.tasks.old.echo,/queue/${ns}.dead`,
  `/topic/${ns}.>`,
  `queue://${ns}.dead`,
  `/queue/${ns}.tasks.old.echo?consumer.exclusive=true`,
  '/temp-queue/x',
  '/bridge/renew',
]

export const granted: readonly string[] = grantedIn('myapp')
export const foreign: readonly string[] = foreignIn('myapp')
