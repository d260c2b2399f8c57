/** An identity provider in a file of settings. The bridge itself checks how settings fit together. */
import * as z from 'zod'
import { issuerAlgorithms } from '../../bridge/tokens/issuer-options.ts'

const text = z.string('expected text').min(1, 'expected text that is not empty')
const path = z.union([text, z.array(text)], 'expected the name of a claim, or a list of names, one inside of the other')

export const issuerFields = {
  issuer: text.meta({ description: 'The `iss` of its tokens, letter by letter.' }),
  jwks: text.meta({ description: 'Its keys: the address of a JWKS, or a file.' }),
  audience: z
    .union([text, z.array(text)], 'expected text, or a list of texts')
    .meta({ description: 'Of the `aud` of a token, one has to be among these.' }),
  audience_claim: path
    .optional()
    .meta({ description: 'Where the audience stands. Access tokens of Cognito have `client_id`.', default: 'aud' }),
  algorithms: z
    .array(z.enum(issuerAlgorithms, `expected some of ${issuerAlgorithms.join(', ')}`))
    .optional()
    .meta({ description: `How its tokens are signed: some of ${issuerAlgorithms.join(', ')}.`, default: ['RS256'] }),
  owner: path.optional().meta({ description: 'The claim that says who it is.', default: 'sub' }),
  owner_prefix: text
    .optional()
    .meta({ description: 'Stands before each owner, such as `okta:`. Several issuers need one each.' }),
  grants: path.optional().meta({
    description: 'The claim with grants as a token of the bridge has them. Default: `drover`, without `roles`.',
  }),
  roles: z
    .union([text, z.array(path)], 'expected the name of a claim, or a list of such')
    .optional()
    .meta({ description: 'The claim, or a list of claims, with roles, groups or scopes.' }),
  role_grants: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'The grants of each role, such as `"job-admin" = { dispatch = ["*"] }`.' }),
  namespace: text.optional().meta({ description: 'Of the grants by roles.', default: 'myapp' }),
  tolerance_ms: z
    .int('expected a whole number')
    .min(0)
    .optional()
    .meta({ description: 'How far its clock and this one may differ, in ms.', default: 60_000 }),
} as const
