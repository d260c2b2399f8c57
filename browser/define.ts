/** Defines every widget. */
import './define-users.ts'
import './dead/define.ts'

export * from './widgets.ts'
