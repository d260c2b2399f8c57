/** Defines every widget. The master comes first, so that widgets inside one find it at once. */
import './master/define.ts'
import './form/define.ts'
import './jobs/define.ts'
import './job/define.ts'
import './workers/define.ts'

export * from './widgets.ts'
