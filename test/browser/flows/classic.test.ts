import { setUps } from '../../jobs/set-ups.ts'
import { pageFlows } from './flows.ts'

pageFlows(setUps.bridgeClassic)
