import { setUps } from '../../support/system/set-ups.ts'
import { pageFlows } from './flows.ts'

pageFlows(setUps.bridgeEmbedded)
