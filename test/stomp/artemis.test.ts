import { behaviour } from './behaviour.ts'

behaviour('artemis', {
  boundsFoo: true,
  explainsBadLogin: true,
  closesOnStrangers: false,
  namesReceiptInErrors: true,
  confirmsInTransaction: true,
  acksInTransaction: false,
  needsBegin: false,
  marksAllRedelivered: false,
  givesBackOnUnsubscribe: true,
  writesPlain10: true,
})
