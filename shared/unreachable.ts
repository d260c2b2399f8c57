/**
 * For the `default` of a `switch` over every case of a union: the compiler shows one that was forgotten.
 * @throws {Error} where there is one all the same
 */
export function unreachable(one: never): never {
  throw new Error(`There is no such case: ${JSON.stringify(one)}`)
}
