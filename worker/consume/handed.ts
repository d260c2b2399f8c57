export type { Delivery as Handed } from '../delivery.ts'
