import type { Grants } from '../../shared/contract/mod.ts'

/** For every task, the roster and the dead queue; the namespace is for whoever uses them to say. */
export const allGrants: Omit<Grants, 'ns'> = {
  dispatch: ['*'],
  broadcast: ['*'],
  work: ['*'],
  observe: ['*'],
  workers: true,
  dead: true,
}
