import { workerSuite } from './suite.ts'

workerSuite({ runtime: 'node', broker: 'embedded', over: 'tcp' })
