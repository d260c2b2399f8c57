/** Text from others, as text for people: without codes that command a terminal, or turn the words around it. */
import { stripAnsi } from '../../shared/contract/strip-ansi.ts'

/** Embeddings, overrides and isolates, which reach beyond their text; of marks, only those at an end can. */
const turns = /[\u202a-\u202e\u2066-\u2069]|^[\u200e\u200f\u061c]+|[\u200e\u200f\u061c]+$/g
const mayHold = /[\u001b\u009b\u009d\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** @returns the text without escape sequences of terminals and without controls of its direction; most texts have none */
export const plain = (text: string): string => (mayHold.test(text) ? stripAnsi(text).replace(turns, '') : text)
