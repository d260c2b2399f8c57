/** Bounds of a token beside its grants: how often, from where, and of which job. Design section 4. */
import * as z from 'zod/mini'
import { DroverError } from '../../shared/contract/errors.ts'
import type { LinkedJob } from '../../shared/contract/linked-job.ts'
import { isSameId, RequestId, TaskName } from '../../shared/contract/names.ts'
import { encodeOwner } from '../../shared/stomp/destinations.ts'
import { readOrigin } from '../access/origins.ts'

/** Bounds as they stand in the claim `drover`, beside the grants. */
export interface Bounds {
  /** How many sessions it opens. */
  readonly uses?: number | undefined
  /** Of the pages that it is for. */
  readonly origin?: readonly string[] | undefined
  /** It gives no grants then. */
  readonly job?: LinkedJob | undefined
}

/** Names that a bridge has to know, or a token is wider there than it says. */
export const boundNames: readonly string[] = ['uses', 'origin', 'job']

/** Of `uses`. */
export const mostUses = 100
/** Of `origin`. */
export const mostOrigins = 20
const mostOriginCharacters = 300

const usesText = `expected a whole number from 1 to ${mostUses}`
const originText = `expected an origin such as "https://shop.example", or a list of 1 to ${mostOrigins}`
const jobText = 'expected a task and a request_id, such as {"task":"image.thumbnail","request_id":UUID}'

const Origin = z.string(originText).check(
  z.maxLength(mostOriginCharacters, originText),
  z.superRefine((origin, check) => {
    const fault = originFault(origin)
    if (fault !== undefined) check.addIssue(fault)
  }),
)

const Uses = z.int(usesText).check(z.minimum(1, usesText), z.maximum(mostUses, usesText))
const Job = z.strictObject({ task: TaskName, request_id: RequestId }, jobText)
const Origins = z.array(Origin, originText).check(z.minLength(1, originText), z.maxLength(mostOrigins, originText))

/** As a claim or a request states them, of which one origin may stand by itself. Other members are not looked at. */
export const Bounds: z.ZodMiniType<Bounds> = z.object({
  uses: z.optional(Uses),
  origin: z.optional(
    z.pipe(
      z.transform(given => (typeof given === 'string' ? [given] : given)),
      Origins,
    ),
  ),
  job: z.optional(Job),
})

function originFault(origin: string): string | undefined {
  if (origin.includes('*')) return `"${origin}" has a "*"; a token is for whole origins, such as https://shop.example`
  try {
    const written = readOrigin(origin)
    return written === origin ? undefined : `"${origin}" is not an origin as browsers write it; expected ${written}`
  } catch (error) {
    return (error as DroverError).message
  }
}

export const isBound = (bounds: Bounds): boolean =>
  bounds.uses !== undefined || bounds.origin !== undefined || bounds.job !== undefined

/**
 * Whose reply queues a token reads.
 * @returns that of its subject; of a link one that no subject is, since behind `_` there stand two digits in its name
 */
export const ownerOf = (subject: string, { job }: Bounds): string =>
  job === undefined ? encodeOwner(subject) : `${encodeOwner(subject)}${linkSuffix}`

const linkSuffix = '_job'
/** Of an owner's name in a destination. */
const mostOwnerCharacters = 300

/** @returns why this subject can have no link to a job */
export const linkFault = (subject: string): string | undefined =>
  encodeOwner(subject).length + linkSuffix.length > mostOwnerCharacters
    ? 'is too long for a link to a job, once its bytes besides a-z, 0-9 and - are written as _hh'
    : undefined

/**
 * The bounds of a token that comes from another.
 * @param outer those of the other
 * @param inner that were asked for
 * @throws {DroverError} `forbidden` where it would be wider
 */
export function boundsWithin(outer: Bounds, inner: Bounds): Bounds {
  if (outer.uses !== undefined) {
    throw new DroverError('forbidden', 'A token with uses opens sessions, and no token comes from it')
  }
  const beyond = outer.origin && inner.origin?.find(origin => !outer.origin?.includes(origin))
  if (beyond !== undefined) {
    throw new DroverError('forbidden', `The token that this one comes from is not for pages of "${beyond}"`)
  }
  const { job = inner.job } = outer
  if (job !== undefined && inner.job !== undefined && !isSameJob(job, inner.job)) {
    throw new DroverError('forbidden', 'The token that this one comes from is for another job')
  }
  const { uses, origin = outer.origin } = inner
  return {
    ...(uses === undefined ? {} : { uses }),
    ...(origin === undefined ? {} : { origin: [...new Set(origin)] }),
    ...(job === undefined ? {} : { job }),
  }
}

const isSameJob = (one: LinkedJob, other: LinkedJob): boolean =>
  one.task === other.task && isSameId(one.request_id, other.request_id)

/**
 * Checks where a token comes from.
 * @param origin of the page, where it is one
 * @throws {DroverError} `forbidden`
 */
export function checkOrigin({ origin: origins }: Bounds, origin: string | undefined): void {
  if (origins === undefined || (origin !== undefined && origins.includes(origin))) return
  const found =
    origin === undefined ? 'comes from no page: it has no Origin' : `comes from ${JSON.stringify(origin.slice(0, 200))}`
  throw new DroverError('forbidden', `The token is for pages of other origins, and this ${found}`)
}
