/** The task of sealed-worker.ts. Its schemas quote the values that they refuse. */
import { defineTask } from 'drover/worker'
import * as z from 'zod'

export interface SealedWorkerSettings {
  url: string
  namespace: string
  name: string
  /** A JWKS, or the path of one. */
  keys: string
}

export const telling = defineTask('sealed.telling', {
  input: z.object({
    text: z.string().refine(text => !text.startsWith('refused'), { error: ({ input }) => `not ${String(input)}` }),
    how: z.string(),
  }),
  output: z.object({
    text: z.string({ error: ({ input }) => `not ${String(input)}` }),
    why: z.string().refine(why => why === '', { error: ({ input }) => `not ${String(input)}` }),
  }),
  sealed: 'required',
  attempts: 2,
  retryDelayMs: 300,
})
