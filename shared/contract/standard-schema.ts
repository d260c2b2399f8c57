/**
 * The types of Standard Schema 1 and of its JSON Schema companion, as standardschema.dev publishes them to be copied:
 * the common ground of zod, Valibot, ArkType and others, without a dependency on any of them.
 */

/** A schema that validates, from any library. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The part that some of them have beside it: their JSON Schema. */
export interface StandardJsonSchema {
  readonly '~standard': {
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>
    }
  }
}
