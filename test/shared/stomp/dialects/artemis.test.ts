import type { Traits } from './behaviour/kit.ts'
import { behaviour, behaviourOverWebSocket } from './behaviour.ts'

const traits: Traits = {
  boundsFoo: true,
  explainsBadLogin: true,
  closesOnStrangers: false,
  namesReceiptInErrors: true,
  confirmsInTransaction: true,
  acksInTransaction: false,
  needsBegin: false,
  marksUnstartedRedelivered: 'sometimes',
  givesBackOnUnsubscribe: true,
  nackRequeues: false,
  writesPlain10: true,
  // In 1.1; in 1.2 the first
  ofRepeated: 'second',
}

behaviour('artemis', traits)
behaviourOverWebSocket('artemis', traits)
