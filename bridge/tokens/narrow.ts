/** A token for less than the sign-in that it comes from: the rules of `POST /token`. Design section 4. */
import { DroverError } from '../../shared/contract/errors.ts'
import { type Grants as AnyGrants, grantCovers, noGrants } from '../../shared/contract/grants.ts'
import { issuesText } from '../../shared/contract/read-message.ts'
import { Grants, grantsInclude } from '../../shared/contract/token-grants.ts'
import { type Bounds, boundNames, boundsWithin, linkFault } from './bounds.ts'

/** Who asks, and for which token. */
export interface Narrowing {
  readonly subject: string
  /** Of the one who asks. */
  readonly own: AnyGrants
  readonly ownBounds: Bounds | undefined
  /** Absent: those of the one who asks; of a link to a job none. */
  readonly grants: Readonly<Record<string, unknown>> | undefined
  readonly bounds: Bounds
}

/**
 * @returns the grants and bounds of the token
 * @throws {DroverError} `message_invalid`, or `forbidden` when the request is for more than there is
 */
export function narrow(narrowing: Narrowing): { readonly grants: AnyGrants; readonly bounds: Bounds } {
  const { subject, own, ownBounds = {} } = narrowing
  const grants = narrowGrants(own, narrowing.grants)
  const bounds = boundsWithin(ownBounds, narrowing.bounds)
  const { job } = bounds
  if (job === undefined) return { grants, bounds }
  const fault = linkFault(subject)
  if (fault !== undefined) throw new DroverError('message_invalid', `The owner "${subject}" ${fault}`)
  const none = { ...noGrants, ns: own.ns }
  const { seal: _, ...asked } = grants
  if (narrowing.grants !== undefined && !grantsInclude(none, asked)) {
    throw new DroverError('message_invalid', 'A token for one job has no grants; leave grants out, or job')
  }
  const mayLink = grantCovers(own.dispatch, job.task) || grantCovers(own.broadcast, job.task)
  if (ownBounds.job !== undefined || mayLink) return { grants: none, bounds }
  throw new DroverError(
    'forbidden',
    `A link to a job of "${job.task}" takes the right to dispatch or broadcast that task, which this sign-in has not`,
  )
}

function narrowGrants(own: AnyGrants, asked: Narrowing['grants']): AnyGrants {
  if (asked === undefined) return own
  const misplaced = boundNames.find(name => Object.hasOwn(asked, name))
  if (misplaced !== undefined) {
    throw new DroverError('message_invalid', `"${misplaced}" is no grant; it stands beside grants in the request`)
  }
  const parsed = Grants.safeParse({ ns: own.ns, seal: own.seal, ...asked })
  if (!parsed.success) {
    const found = issuesText(parsed.error.issues)
    throw new DroverError('message_invalid', `The grants of this request do not fit: ${found}`)
  }
  if (grantsInclude(own, parsed.data)) return parsed.data
  throw new DroverError(
    'forbidden',
    'A token can only be narrower than the sign-in that it comes from; these grants are wider',
  )
}
