/** How `run`, `dispatch` and `broadcast` get their types: from a task, or from its name and a type-only import. */
import type { AnyTask, InputOf, OutputOf } from '../../contract/mod.ts'

/** The tasks in an array, an object or a module. */
type TaskIn<Tasks> = Tasks extends readonly (infer One)[] ? Extract<One, AnyTask> : Extract<Tasks[keyof Tasks], AnyTask>

/** Names a task: a task itself, or a name; any name where the master was told of no tasks. */
export type TaskRef<Tasks> = AnyTask | (unknown extends Tasks ? string : TaskIn<Tasks>['name'])

type TaskOf<Tasks, Ref> = Ref extends AnyTask ? Ref : Extract<TaskIn<Tasks>, { readonly name: Ref }>

/** The input that a task takes; `unknown` where nothing is known of it. */
export type InputFor<Tasks, Ref> = Ref extends AnyTask
  ? InputOf<Ref>
  : unknown extends Tasks
    ? unknown
    : InputOf<TaskOf<Tasks, Ref>>

/** The output that a task gives. */
export type OutputFor<Tasks, Ref> = Ref extends AnyTask
  ? OutputOf<Ref>
  : unknown extends Tasks
    ? unknown
    : OutputOf<TaskOf<Tasks, Ref>>

/** @returns the task's name, and the task where there is one */
export function readTaskRef(ref: AnyTask | string): { readonly name: string; readonly task?: AnyTask } {
  return typeof ref === 'string' ? { name: ref } : { name: ref.name, task: ref }
}
