import { behaviour } from './behaviour.ts'

behaviour('embedded', {
  boundsFoo: true,
  explainsBadLogin: true,
  closesOnStrangers: true,
  namesReceiptInErrors: true,
  confirmsInTransaction: true,
  acksInTransaction: true,
  needsBegin: true,
  marksUnstartedRedelivered: 'always',
  givesBackOnUnsubscribe: true,
  nackRequeues: true,
  writesPlain10: true,
  ofRepeated: 'first',
})
