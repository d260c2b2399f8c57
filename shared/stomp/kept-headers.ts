/**
 * What a job's sender says of it and nobody else has to vouch for: goes with it wherever it is sent on, published again or to dead.
 */
export const keptHeaders = ['correlation-id', 'priority', 'traceparent'] as const
