import { workerSuite } from './suite.ts'

workerSuite({ runtime: 'deno', broker: 'embedded', over: 'bridge' })
