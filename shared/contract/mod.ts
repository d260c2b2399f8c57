export type { BackoffFunction, BackoffRule, TaskBackoff } from './backoff.ts'
export { type Cancel, type Control, type Pausing, type Ping, parseControl, type State } from './control.ts'
export { DroverError, type ErrorCode } from './errors.ts'
export { type EventType, JobEvent, parseEvent } from './event.ts'
export { fenceBody, fenceIdIn, isFence } from './fence.ts'
export { grantCovers, Namespace } from './grants.ts'
export type { HistoryEntry } from './history.ts'
export { Job, parseJob } from './job.ts'
export { requestIdOfKey } from './job-key.ts'
export { InexactJsonError, parseExactJson } from './json-exact.ts'
export { logLevelOf } from './log-level.ts'
export { checkTaskName, isSameId, patternCovers, RequestId, TaskName } from './names.ts'
export { endOfText, isTooDeep, maxNesting, tooDeep } from './nesting.ts'
export {
  type Announce,
  type Beat,
  lateAfterBeats,
  type Presence,
  parsePresence,
  presenceIn,
  type WorkerState,
} from './presence.ts'
export {
  type ChangedWorker,
  changesHeader,
  type PresenceChange,
  type PresenceChanges,
  parsePresenceChanges,
} from './presence-changes.ts'
export { type Issue, parseJson, toIssues, wireVersion, withoutMark } from './read-message.ts'
export {
  type Accepted,
  type Cancelled,
  type Failed,
  isOutcome,
  type Log,
  type LogLevel,
  type OutcomeReply,
  openedReply,
  type Partial,
  type Progress,
  parseReply,
  type Rejected,
  type Reply,
  type ReplyBase,
  type ReplyType,
  type Result,
  type Retrying,
  timedOutReason,
  WireError,
} from './reply.ts'
export type { Retried } from './retried.ts'
export { isSameSeal, type PublicKeySet, SealGrant } from './seal-grant.ts'
export { payloadOf, sealedCode, sealedError } from './sealed-payload.ts'
export { redact, redacted, type SecretPath, secretsIn, withoutSecrets } from './secrets.ts'
export { stripAnsi } from './strip-ansi.ts'
export {
  type AnyTask,
  defineTask,
  type InputOf,
  inputJsonSchema,
  type OutputOf,
  type ParsedInputOf,
  type Task,
  type TaskOptions,
} from './task.ts'
export { type TaskLimits, taskLimitsOf } from './task-limits.ts'
export { Grants, grantsInclude } from './token-grants.ts'
export { requestIdIn } from './unreadable-reply.ts'
