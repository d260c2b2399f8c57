import { behaviour } from './behaviour.ts'

behaviour('classic', {
  boundsFoo: true,
  explainsBadLogin: false,
  closesOnStrangers: false,
  namesReceiptInErrors: true,
  confirmsInTransaction: true,
  acksInTransaction: true,
  needsBegin: true,
  marksUnstartedRedelivered: 'always',
  givesBackOnUnsubscribe: true,
  writesPlain10: true,
})
