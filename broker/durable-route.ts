/** Where the messages of a durable subscription wait. */
export const durableRoute = (name: string): string => `durable ${name}`

export const isDurableRoute = (route: string): boolean => route.startsWith('durable ')
