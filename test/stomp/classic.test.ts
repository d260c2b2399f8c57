import type { Traits } from './behaviour/kit.ts'
import { behaviour, behaviourOverWebSocket } from './behaviour.ts'

const traits: Traits = {
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
  ofRepeated: 'first',
}

behaviour('classic', traits)
behaviourOverWebSocket('classic', traits)
