export { look } from './base.ts'
export { ago, count, dateAndTime, duration, number, shortId, timeOfDay, wholeSeconds } from './format.ts'
export { type IconName, icon } from './icons.ts'
export { badge, type Look, lookOfJob, lookOfWorker, statusLooks, type Tone } from './states.ts'
