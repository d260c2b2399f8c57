import { behaviour } from './behaviour.ts'

behaviour('artemis', {
  boundsFoo: true,
  explainsBadLogin: true,
  closesOnStrangers: false,
  namesReceiptInErrors: true,
  confirmsInTransaction: true,
  acksInTransaction: false,
  needsBegin: false,
  marksUnstartedRedelivered: 'sometimes',
  givesBackOnUnsubscribe: true,
  writesPlain10: true,
})
