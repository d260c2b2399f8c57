/** Defines every widget. The master comes first, so that widgets inside one find it at once. */
import './master/define.ts'

export * from './widgets.ts'
