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
  writesPlain10: true,
}

behaviour('artemis', traits)
behaviourOverWebSocket('artemis', traits)
