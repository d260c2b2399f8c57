/** Names that others choose, in a broker's errors: a queue may be called `access.denied`. */

/** Names that a broker marks: a destination as it writes it, and text between quotes. */
const named = /(?:queue|topic):\/\/[^\s,\])]+|\/(?:queue|topic|exchange)\/[^\s,\])]+|'[^'\s]*'|"[^"\s]*"/gi
/** Namespaces, tasks and masters have dots between their parts. So have classes, of which those of faults say something. */
const dotted = /(?<![\w-])[\w-]+(?:\.[\w-]+)+/g

/**
 * A broker's error without the names in it: only its own words tell the fault.
 * @param text of an ERROR
 */
export function withoutNames(text: string): string {
  return text.replace(named, '…').replace(dotted, found => /[A-Z]\w*(?:Exception|Error)$/.exec(found)?.[0] ?? '…')
}
