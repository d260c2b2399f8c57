import { behaviour } from './behaviour.ts'

behaviour('rabbitmq', {
  boundsFoo: false,
  explainsBadLogin: true,
  closesOnStrangers: true,
  namesReceiptInErrors: false,
  confirmsInTransaction: false,
  acksInTransaction: true,
  needsBegin: true,
  marksUnstartedRedelivered: 'always',
  givesBackOnUnsubscribe: false,
  nackRequeues: true,
  writesPlain10: false,
  ofRepeated: 'first',
})
