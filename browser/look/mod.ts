export { look } from './base.ts'
export { type Copying, copyText } from './copy.ts'
export { emptiness, notYet, startsAWorker } from './empty.ts'
export { ago, count, dateAndTime, duration, number, shortId, timeOfDay, wholeSeconds } from './format.ts'
export { icon } from './icons.ts'
export { plain } from './plain.ts'
export { closedNote, lock, sealedWord } from './sealed.ts'
export {
  badge,
  isLeftAlone,
  type Look,
  lookOfJob,
  lookOfWorker,
  shownStatusOf,
  statusLooks,
  type Tone,
  tally,
} from './states.ts'
