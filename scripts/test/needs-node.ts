/**
 * Tests that `deno task test` leaves out, as globs. They start brokers, browsers or processes of Node, which a machine with
 * Deno alone does not have, or test code that only Node runs. `npm test` runs them all.
 */
export const needsNode: readonly string[] = [
  '**/node/**',
  // Processes of Node, real brokers, a browser
  'test/{broker,browser,cli,docs,end-to-end,examples,fuzz,soak,storms,support}/**',
  'scripts/test/uncaught.test.ts',
  'test/bridge/{http,relay}/**',
  'test/bridge/{brokers,node,start}.test.ts',
  'test/shared/deno.test.ts',
  'test/shared/tracing/**',
  'test/shared/stomp/*/{deno,last-words,other-protocol,stood-still}.test.ts',
  // Brokers that are no part of Drover
  'test/**/{artemis,classic,rabbitmq,*-classic*}.test.ts',
  'test/worker/node-*.test.ts',
]
