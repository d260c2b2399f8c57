/** The limits of one queue, and the part of a message that they are about. */
import type { BrokerLimits } from './limits.ts'

export interface Held {
  readonly payer: string
  readonly bytes: number
}

/** Of one queue. */
export interface QueueLimits {
  readonly maxMessages: number
  readonly maxBytes: number
  readonly maxOwnerMessages: number
  readonly maxOwnerBytes: number
}

export const inMemory = (limits: BrokerLimits): QueueLimits => ({
  maxMessages: limits.maxQueueMessages,
  maxBytes: limits.maxQueueBytes,
  maxOwnerMessages: limits.maxOwnerQueueMessages,
  maxOwnerBytes: limits.maxOwnerQueueBytes,
})

export const onDisk = (limits: BrokerLimits): QueueLimits => ({
  maxMessages: limits.maxStoredQueueMessages,
  maxBytes: limits.maxStoredQueueBytes,
  maxOwnerMessages: limits.maxOwnerStoredQueueMessages,
  maxOwnerBytes: limits.maxOwnerStoredQueueBytes,
})
