/**
 * The members of a JSON object as they are written. A job that is passed on keeps details that JavaScript has no value for: all
 * digits of a number, the first of two equal names.
 */
import { endOfText } from './nesting.ts'

interface Member {
  readonly name: string
  readonly text: string
}

/**
 * Puts members into an object, behind its others and in the place of those of the same name.
 * @param text JSON, of an object
 * @param changed `undefined` takes the member out, or leaves out one that is not there
 */
export function withMembers(text: string, changed: Readonly<Record<string, unknown>>): string {
  const members = [
    ...membersIn(text).flatMap(({ name, text }) => (Object.hasOwn(changed, name) ? [] : [text])),
    ...Object.entries(changed).flatMap(([name, value]) =>
      value === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`],
    ),
  ]
  return `{${members.join(',')}}`
}

function membersIn(text: string): Member[] {
  const members: Member[] = []
  let depth = 0
  let from = 0
  let name: string | undefined
  const close = (at: number): void => {
    if (name !== undefined) members.push({ name, text: text.slice(from, at).trim() })
    from = at + 1
    name = undefined
  }
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"': {
        const end = endOfText(text, at)
        if (depth === 1) name ??= JSON.parse(text.slice(at, end + 1)) as string // a member begins with it
        at = end
        break
      }
      case '{':
      case '[':
        if (depth++ === 0) from = at + 1
        break
      case '}':
      case ']':
        if (--depth === 0) close(at)
        break
      case ',':
        if (depth === 1) close(at)
        break
    }
  }
  return members
}
