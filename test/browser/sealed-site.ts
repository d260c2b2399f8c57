/** A site whose pages seal: widgets from a bridge under a strict policy, keys from the site itself, and a worker that opens. */
import { defineTask, implement, startWorker } from 'drover/worker'
import * as z from 'zod'
import { type JsonWebKeySet, newKey, publicKeys } from '../../shared/seal/mod.ts'
import { mintedToken, type OtherSite, pageOf, socketOf, startOtherSite } from './other-site.ts'

/** In each result. */
export const answer = 'forty-two it is'

/** Its page has widgets. `?keys=…` names its JWKS, `?job=…` the job that it shows; `?all` is of one file. */
export interface SealedSite extends OtherSite, AsyncDisposable {
  /** The public part of the worker's. */
  readonly keys: JsonWebKeySet
  /** Whether the site gives its JWKS, at `/jwks.json`. */
  hasKeys: boolean
}

const echo = defineTask('seal.echo', { input: z.object({ text: z.string() }), sealed: 'required' })

export async function startSealedSite(): Promise<SealedSite> {
  await using starting = new AsyncDisposableStack()
  const own = { keys: [await newKey('p-256')] }
  const keys = publicKeys(own)
  const state = { hasKeys: true }
  const other = await startOtherSite(
    starting,
    async ({ pathname, searchParams }, bridge) => {
      if (pathname === '/jwks.json') return { status: state.hasKeys ? 200 : 503, body: JSON.stringify(keys) }
      if (pathname === '/token') return { type: 'text/plain', body: await mintedToken() }
      const file = searchParams.has('all') ? 'drover.all.js' : 'drover.js'
      const attribute = searchParams.has('keys') ? ` seal-keys="${searchParams.get('keys')}"` : ''
      return {
        body: pageOf(
          `${bridge.url}/${file}`,
          `<main><h1>Shop</h1><drover-master url="${socketOf(bridge)}" token-url="/token" owner="foo"${attribute}>
<drover-form task="seal.echo"></drover-form><drover-jobs></drover-jobs><drover-job request-id="${searchParams.get('job') ?? ''}"></drover-job>
</drover-master></main>`,
        ),
      }
    },
    { 'connect-src': "'self'", 'style-src': "'self'" },
  )
  starting.use(
    await startWorker({
      url: other.bridge.stompUrl!.replace('://', '://foo:bar@'),
      tasks: [
        implement(echo, async ({ text }, job) => {
          job.log('info', `heard ${text}`)
          return { said: answer }
        }),
      ],
      signals: false,
      seal: { keys: own },
    }),
  )
  const stack = starting.move()
  return Object.assign(state, other, { keys, [Symbol.asyncDispose]: () => stack.disposeAsync() })
}
