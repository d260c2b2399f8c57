import { setUps } from './set-ups.ts'
import { jobSuite } from './suite.ts'

jobSuite(setUps.bridgeArtemis)
