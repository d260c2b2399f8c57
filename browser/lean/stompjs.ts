/**
 * A plugin of the build that leaves out of stompjs what shared/stomp never switches on: its notes for debugging, for which it
 * writes every frame twice, and its ways around faulty sockets. Nothing else changes: stompjs.test.ts talks to a broker with it.
 */
const note = /^ *this\._?debug\(.*\);$/gm
/** Read, not where they are set. */
const unset = /this\.(?:logRawCommunication|splitLargeFrames|forceBinaryWSFrames|appendMissingNULLonIncoming)\b(?! =)/g

export const leanStompjs = {
  name: 'lean-stompjs',
  enforce: 'pre' as const,
  transform: {
    filter: { id: /@stomp\/stompjs\/esm6\/[\w-]+\.js$/ },
    handler: (code: string) => ({ code: code.replace(note, ';').replace(unset, 'false'), map: null }),
  },
}
