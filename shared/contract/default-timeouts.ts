/** How long a job may take where neither its dispatch nor its task says, by whether one worker runs it or all do. */
export const defaultTimeoutMs: { readonly queue: number; readonly topic: number } = { queue: 3_600_000, topic: 60_000 }
