import { workerSuite } from './suite.ts'

workerSuite({ runtime: 'node', broker: 'classic', over: 'bridge' })
