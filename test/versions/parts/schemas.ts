/** The bodies of a version's contract, as JSON Schemas. */
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'

const kinds = { job: 'job', reply: 'replies', control: 'control', presence: 'presence', event: 'events' }

/**
 * @param folder the checkout
 * @param into the file to write: `{ replies: { result: {…}, … }, job: {…}, … }`
 */
export async function writeSchemas(folder: string, into: string): Promise<void> {
  const contract = pathToFileURL(join(folder, 'shared/contract/')).href
  // Those of each type are for the module alone
  const hooks = registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      const text = url.startsWith(contract) ? String(loaded.source) : ''
      return /^const schemas\b/m.test(text) ? { ...loaded, source: `${text}\nexport { schemas as byType }\n` } : loaded
    },
  })
  const schemas: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(kinds)) {
    const module = (await import(`${contract}${name}.ts?schemas`)) as Record<string, unknown>
    const byType = module.byType as Readonly<Record<string, z.core.$ZodType>> | undefined
    if (byType !== undefined) {
      schemas[kind] = Object.fromEntries(Object.entries(byType).map(([type, schema]) => [type, written(schema)]))
    } else {
      schemas[kind] = written((module.Job ?? module.JobEvent) as z.core.$ZodType)
    }
  }
  hooks.deregister()
  writeFileSync(into, `${JSON.stringify(schemas)}\n`)
}

const written = (schema: z.core.$ZodType): unknown => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
