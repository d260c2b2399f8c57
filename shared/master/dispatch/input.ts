/** Inputs are what JSON can carry: what it would silently drop or change is refused where it is dispatched. */
import { DroverError } from '../../contract/errors.ts'
import { isTooDeep, maxNesting } from '../../contract/nesting.ts'

/** The job around it is one level more. */
const maxLevels = maxNesting - 1

/**
 * A copy of `input` as it will travel.
 * @throws {DroverError} `input_invalid` naming the place of a value that JSON cannot carry, or for an input that is nested
 * more than 99 levels deep
 */
export function toJsonInput(task: string, input: unknown): unknown {
  const problem = input === undefined ? 'is undefined' : findProblem(input, '', [])
  if (problem !== undefined) {
    throw new DroverError(
      'input_invalid',
      `Cannot dispatch "${task}": the input${problem.startsWith('.') ? '' : ' '}${problem}, which JSON cannot carry; pass null, text, finite numbers, booleans, arrays and plain objects`,
    )
  }
  const text = jsonText(input)
  if (text === undefined || isTooDeep(text, maxLevels)) {
    const found = `Cannot dispatch "${task}": the input is nested more than ${maxLevels} levels deep; send a flatter value`
    throw new DroverError('input_invalid', found)
  }
  return JSON.parse(text)
}

/** `undefined` for what is so deep that the writer of JSON comes to the end of its stack. */
function jsonText(input: unknown): string | undefined {
  try {
    return JSON.stringify(input)
  } catch (cause) {
    if (cause instanceof RangeError) return undefined
    throw cause
  }
}

function findProblem(value: unknown, path: string, parents: readonly object[]): string | undefined {
  const at = path === '' ? '' : `${path} `
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : `${at}is ${value}`
    case 'object':
      break
    default:
      return `${at}is a ${typeof value}`
  }
  if (value === null) return undefined
  if (parents.includes(value)) return `${at}contains itself`
  if (parents.length > maxLevels) return undefined // told of its text
  if ('toJSON' in value && typeof value.toJSON === 'function') return undefined // such as a Date: it says what it is
  const inside = [...parents, value]
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const problem =
        value[i] === undefined ? `${path}.${i} is undefined` : findProblem(value[i], `${path}.${i}`, inside)
      if (problem !== undefined) return problem
    }
    return undefined
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `${at}is a ${value.constructor?.name ?? 'class'} object`
  }
  for (const [key, one] of Object.entries(value)) {
    const problem = one === undefined ? undefined : findProblem(one, `${path}.${key}`, inside)
    if (problem !== undefined) return problem
  }
  return undefined
}
