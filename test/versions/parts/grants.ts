/** The grants that masters and workers of two versions have at a bridge: all that both know. */
import type { Grants } from '../../../shared/contract/mod.ts'

export const grantsOf = (ns: string): Grants => ({
  ns,
  dispatch: ['*'],
  broadcast: ['*'],
  work: ['*'],
  observe: [],
  workers: true,
  dead: true,
  operate: [],
})
