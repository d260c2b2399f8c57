/** Names that others choose, in what a broker says: a queue may be called `access.denied`. */

/** Where a broker says that it is one: a destination as it writes it, and what stands between quotes. */
const named = /(?:queue|topic):\/\/[^\s,\])]+|\/(?:queue|topic|exchange)\/[^\s,\])]+|'[^'\s]*'|"[^"\s]*"/gi
/** Namespaces, tasks and masters have dots between their parts. So have classes, of which those of faults say something. */
const dotted = /(?<![\w-])[\w-]+(?:\.[\w-]+)+/g

/**
 * What a broker says, without the names in it: only its own words tell what went wrong.
 * @param text of an ERROR
 */
export function withoutNames(text: string): string {
  return text.replace(named, '…').replace(dotted, found => /[A-Z]\w*(?:Exception|Error)$/.exec(found)?.[0] ?? '…')
}
