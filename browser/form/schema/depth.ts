/** Values that are nested too deep for the stack to walk, which JSON of a few kilobytes can be. */
import { isDeeperThan, maxNesting } from '../../../shared/contract/nesting.ts'

/** More objects and lists than a schema has that people wrote. */
const most = 100_000

/** @returns whether a schema is deeper than any that people wrote, or larger; also of one that contains itself */
export const isSchemaTooDeep = (schema: unknown): boolean => isDeeperThan(schema, maxNesting, most)
