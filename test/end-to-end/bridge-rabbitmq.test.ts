import { setUps } from '../support/system/set-ups.ts'
import { jobSuite } from './suite.ts'

jobSuite(setUps.bridgeRabbitmq)
