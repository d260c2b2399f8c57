/**
 * The settings of `drover serve` in a file. This schema checks them, and docs/configuration.md is made from it: each setting has a
 * description, and the default where there is one.
 */
import { defaultLimits } from 'drover/bridge'
import * as z from 'zod'
import { defaultHttpPort, defaultStompPort } from '../../bridge/default-ports.ts'
import { settingOf } from '../../bridge/limit-reached.ts'
import { longestTimerMs } from '../../shared/clock.ts'
import { parseDuration } from '../duration.ts'
import { asSize } from '../size.ts'
import { issuerFields } from './issuer-schema.ts'
import { limitTexts, type NumberLimit } from './limit-texts.ts'

const text = z.string('expected text').min(1, 'expected text that is not empty')
const texts = z.array(text, 'expected a list of texts')
/** Names that are none are told by themselves. */
const table = {
  error: ({ code }: { readonly code?: string }): string | undefined =>
    code === 'invalid_type' ? 'expected a table of settings, each with its name' : undefined,
}
const port = z.int('expected a port from 0 (any that is free) to 65535').min(0).max(65_535)

const tooLong = `expected at most ${longestTimerMs} ms, which is 24 days`
/** How long something lasts, which is told by its end. Of all others some timer waits for them. */
const lasting: ReadonlySet<string> = new Set<NumberLimit>(['tokenMs', 'maxTokenMs', 'maxDelayMs'])
const mostOf = (name: string): number =>
  name.endsWith('Ms') && !lasting.has(name) ? longestTimerMs : Number.MAX_SAFE_INTEGER

const limits = Object.fromEntries(
  Object.entries(limitTexts).map(([name, description]) => [
    settingOf(name),
    z
      .int('expected a whole number')
      .min(1, 'expected a whole number from 1')
      .max(mostOf(name), tooLong)
      .optional()
      .meta({ description, default: defaultLimits[name as NumberLimit] }),
  ]),
)

const anything = z.unknown()

const Size = z.union(
  [
    z.int().min(1),
    z.string().transform((text, context) => {
      try {
        return asSize(text)
      } catch {
        context.addIssue('no size')
        return z.NEVER
      }
    }),
  ],
  'expected bytes, or a number and a unit, such as "500MiB", "20GiB" or "1TiB"',
)

const Duration = z
  .string('expected a duration, such as "4s"')
  .transform((text, context) => {
    try {
      return parseDuration(text)
    } catch {
      context.addIssue('expected a duration, such as "4s"')
      return z.NEVER
    }
  })
  .refine(ms => ms <= longestTimerMs, tooLong)

/** Files of TLS to the broker. */
export const brokerTlsFields = {
  ca: text.optional().meta({
    description: "The authorities that may have signed the broker's certificate, in place of those known here.",
  }),
  cert: text.optional().meta({
    description:
      'The certificate of the bridge, for a broker that asks for one, with those between it and its authority.',
  }),
  key: text.optional().meta({ description: 'The key of `cert`.' }),
  key_passphrase: text.optional().meta({ description: 'Opens `key` where that is encrypted.', secret: true }),
  server_name: text
    .optional()
    .meta({ description: "The name that the broker's certificate has, where that is not the host of its address." }),
} as const

/** The fields by name. Users and issuers are checked by those who read them, with paths of their own. */
export const configFields = {
  broker: text.optional().meta({
    description:
      '`embedded`, or the address of the broker with the login of the bridge in it. `DROVER_BROKER` keeps it out of the file.',
    secret: true,
  }),
  broker_tls: z
    .strictObject(brokerTlsFields, table)
    .optional()
    .meta({ description: 'TLS to the broker beyond that of the runtime, in a table of its own.' }),
  data: text
    .optional()
    .meta({ description: 'With the embedded broker, the file in which it keeps persistent messages.' }),
  data_limit: Size.optional().meta({
    description: 'The most that it keeps there: bytes, or text such as `"20GiB"`.',
    default: '10GiB',
  }),
  host: text.optional().meta({ description: 'The address to listen on.', default: '127.0.0.1' }),
  port: port
    .optional()
    .meta({ description: 'The port to listen on; 0 takes any that is free.', default: defaultHttpPort }),
  base: text.optional().meta({
    description: 'The path below which it answers, such as `/drover`. The proxy passes it on.',
  }),
  stomp_port: port
    .optional()
    .meta({ description: 'With the embedded broker, where it takes STOMP over TCP.', default: defaultStompPort }),
  hosts: texts
    .optional()
    .meta({ description: 'Names that it is reached by, such as `jobs.example`. Others are refused.' }),
  origins: texts.optional().meta({
    description:
      'Further origins whose pages may connect, such as `https://shop.example`, or `https://*.shop.example` with any one label.',
  }),
  trust_proxy: texts.optional().meta({
    description:
      'Networks of reverse proxies, such as `10.0.0.0/8` or `loopback`, whose word counts on from where and by which scheme a request comes.',
  }),
  users: z
    .union([text, z.array(anything)], 'expected the path of a JSON file, or a list of users')
    .optional()
    .meta({ description: 'Who may sign in by password: the path of a JSON file, or the list itself.', secret: true }),
  secret: z
    .union([text, texts.min(1)], 'expected text, or a list of texts')
    .optional()
    .meta({
      description: 'The secret that signs tokens and passes. Of a list the first signs, and the proofs of all count.',
      secret: true,
    }),
  secret_file: text.optional().meta({
    description: 'The file with the secret, or with several, one a line. It is made where it is not there.',
  }),
  issuer: text.optional().meta({ description: 'The `iss` that tokens by the secret must have.' }),
  seal: text.optional().meta({ description: 'Public keys that pages are to seal by: a JWKS file, or its address.' }),
  log: z
    .enum(['text', 'json'], 'expected "text" or "json"')
    .optional()
    .meta({ description: 'How it logs.', default: 'text' }),
  drain: Duration.optional().meta({
    description: 'How long SIGTERM may take: sessions are told over half of it at most, and few of them sooner.',
    default: '20s',
  }),
  audit: z
    .boolean('expected true or false')
    .optional()
    .meta({ description: 'Whether the log has a line for each job that is dispatched.', default: false }),
  metrics_port: port
    .optional()
    .meta({ description: 'Where Prometheus asks for `/metrics`. Without it there are none.' }),
  metrics_host: text.optional().meta({
    description: 'The address of that port. Another than this machine needs `DROVER_METRICS_TOKEN`.',
    default: '127.0.0.1',
  }),
  issuers: z
    .array(z.strictObject(issuerFields, table), 'expected a list of issuers: [[issuers]] in TOML')
    .optional()
    .meta({ description: 'Identity providers whose tokens are taken as they are.' }),
  limits: z.strictObject(limits, table).optional().meta({ description: 'Bounds that differ from the defaults.' }),
} as const

export const ServeConfig = z.strictObject(configFields, table)
export type ServeConfig = z.infer<typeof ServeConfig>

/** The names in each table; those above all tables by an empty one. */
export const settingNames = {
  '': Object.keys(configFields),
  broker_tls: Object.keys(brokerTlsFields),
  issuers: Object.keys(issuerFields),
  limits: Object.keys(limits),
} as const
