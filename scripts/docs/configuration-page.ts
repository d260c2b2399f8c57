/** The reference of the settings of `drover serve`, as the schema that checks them describes each. */
import type * as z from 'zod'
import { issuerFields } from '../../cli/config/issuer-schema.ts'
import { brokerTlsFields, configFields } from '../../cli/config/schema.ts'

type Fields = Readonly<Record<string, z.ZodType>>

/** The page, whole. */
export function configurationPage(): string {
  const { issuers: _, limits, broker_tls: __, ...settings } = configFields
  return `# Settings of the bridge

<!-- Made by "npm run docs:configuration" from cli/config/schema.ts. -->

\`drover serve --config drover.toml\` reads its settings from a file. It is TOML, or JSON where its name ends in \`.json\`.

- An option counts before the environment, and that before the file.
- Paths are from the folder of the file.
- \`--check\` tells all mistakes of the file at once, each with its key, and starts nothing. A name that is no setting is a mistake.
- \`--print-config\` prints the settings as they count. Passwords, secrets and the queries of addresses are \`***\` there.
- \`SIGHUP\` has the bridge read the file again while sessions go on.
  [operations.md](operations.md#other-settings-without-a-restart) says which settings change then.

\`\`\`toml
broker = "embedded" # or export DROVER_BROKER=stomp://bridge:password@broker.example:61613
data = "drover.db"
users = "users.json"
hosts = ["jobs.example"]
origins = ["https://shop.example"]
secret_file = "/run/secrets/drover"

[[issuers]]
issuer = "https://id.example/realms/shop"
jwks = "https://id.example/realms/shop/protocol/openid-connect/certs"
audience = "drover"
owner = "preferred_username"
roles = "realm_access.roles"

[issuers.role_grants]
job-admin = { dispatch = ["*"], workers = true }

[limits]
max_owner_sessions = 100
\`\`\`

## Settings

${table(settings)}

## \`[broker_tls]\`

For \`stomp+ssl://\` and \`wss://\`. Each file is in PEM. [operations.md](operations.md#tls-to-the-broker) says more.

${table(brokerTlsFields)}

## \`[[issuers]]\`

[identity-providers.md](identity-providers.md) has the settings for five providers, and the rules.

${table(issuerFields)}

## \`[limits]\`

Times are in ms, and their names end in \`_ms\`.

${table((limits as unknown as z.ZodOptional<z.ZodObject<Fields>>).unwrap().shape)}
`
}

function table(fields: Fields): string {
  const rows = Object.entries(fields).map(([name, field]) => {
    const { description = '', default: value } = field.meta() as { description?: string; default?: unknown }
    return `| \`${name}\` | ${description} | ${value === undefined ? '' : `\`${JSON.stringify(value)}\``} |`
  })
  return ['| name | meaning | default |', '|---|---|---|', ...rows].join('\n')
}
