/** The test files that run in a page as well as in Node, and the parts of test/support that another runtime has by other means. */
import { join } from 'node:path'

/**
 * The contracts of connection and master. Beside them in their folders, these need Node in the test itself:
 * - `dispatch/cut-off` cuts at a text of a frame, which a WebSocket masks;
 * - `replies/` starts bridges and sends raw bytes by TCP; `storage/` writes files;
 * - the rest of `shared/stomp/` is about TCP, processes, or Node's and Deno's own sockets.
 */
export const pageTests: readonly string[] = [
  'test/shared/stomp/connection.test.ts',
  'test/shared/master/dispatch/{broadcast,connection,queued}.test.ts',
]

const names = {
  page: ['brokers/embedded', 'fault-proxy', 'sockets', 'stomp-test-beds'],
  deno: ['sockets'],
}

/** For Vite's `resolve.alias`: the file of that runtime for each file of test/support that it has by other means. */
export function standIns(root: string, runtime: keyof typeof names): { find: RegExp; replacement: string }[] {
  return names[runtime].map(name => ({
    find: new RegExp(`^\\.[./]*/(support/)?${name}\\.ts$`),
    replacement: join(root, 'test/support', runtime, `${name.replace('brokers/', '')}.ts`),
  }))
}
