import { workerSuite } from './suite.ts'

workerSuite({ runtime: 'deno', broker: 'classic', over: 'ws' })
