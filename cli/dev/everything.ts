import type { Grants } from 'drover/contract'

/** What the one user of a machine may do: everything. */
export const everything: Grants = {
  ns: 'myapp',
  dispatch: ['*'],
  broadcast: ['*'],
  work: ['*'],
  observe: ['*'],
  workers: true,
  dead: true,
}
