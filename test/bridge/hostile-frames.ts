/**
 * Frames that must not pass, as bytes on the wire. `{pass}` stands for the pass of a job that this very session was
 * handed: task `image.thumbnail`, sender ada, correlation-id c1. Design section 4, promise 7.
 */
import { raw } from './raw-session.ts'

export interface Hostile {
  readonly what: string
  /** `master`: dispatch image.*, broadcast host.facts, sub ada. `worker`: work image.thumbnail, sub rex. */
  readonly who: 'master' | 'worker'
  readonly frame: string
  /** Default 1.2. */
  readonly version?: '1.0' | '1.1'
}

const queue = '/queue/myapp.tasks.image.thumbnail'
const own = '/queue/myapp.reply.ada.m'

const sendTo = (destination: string, ...more: string[]): string =>
  raw('SEND', [`destination:${destination}`, `reply-to:${own}`, 'correlation-id:c1', ...more], '{}')
const answering = (destination: string | undefined, ...more: string[]): string =>
  raw('SEND', [...(destination === undefined ? [] : [`destination:${destination}`]), ...more], '{}')
const subscribe = (destination: string, ...more: string[]): string =>
  raw('SUBSCRIBE', ['id:x', `destination:${destination}`, ...more])

/** Where a master may not SEND to, though the first part of each is granted to it. */
const badTargets: Record<string, string> = {
  'a composite of two queues': `${queue},/queue/myapp.dead`,
  'a composite in broker spelling': `${queue},queue://other`,
  'a composite that begins elsewhere': `/queue/other,${queue}`,
  'a broker address': 'queue://myapp.tasks.image.thumbnail',
  'a broker topic address': 'topic://myapp.tasks.host.facts',
  'no prefix': 'myapp.tasks.image.thumbnail',
  'a wildcard for one part': '/queue/myapp.tasks.image.*',
  'a wildcard for the rest': '/queue/myapp.tasks.image.>',
  'a wildcard for the rest, other dialect': '/queue/myapp.tasks.image.#',
  'the whole namespace': '/topic/myapp.>',
  'destination options': `${queue}?consumer.exclusive=true`,
  'another namespace': '/queue/other.tasks.image.thumbnail',
  'a namespace that begins alike': '/queue/myapp2.tasks.image.thumbnail',
  'a task that is not granted': '/queue/myapp.tasks.secret.task',
  'the prefix of a pattern alone': '/queue/myapp.tasks.image',
  'a name that begins like a pattern': '/queue/myapp.tasks.images.thumbnail',
  'a broadcast where dispatch is granted': '/topic/myapp.tasks.image.thumbnail',
  'a dispatch where broadcast is granted': '/queue/myapp.tasks.host.facts',
  'an advisory topic': '/topic/ActiveMQ.Advisory.Connection',
  'a dead-letter queue of the broker': '/queue/ActiveMQ.DLQ',
  'a temporary queue': '/temp-queue/x',
  "another's temporary queue": '/remote-temp-queue/ID:host-1-1:1:1',
  'a temporary topic': '/temp-topic/x',
  'a bare AMQP queue': '/amq/queue/myapp.tasks.image.thumbnail',
  'an exchange': '/exchange/amq.topic/myapp.tasks.image.thumbnail',
  'a reply queue of AMQP': '/reply-queue/amq.gen-x',
  'a space in front': ` ${queue}`,
  'a space behind': `${queue} `,
  'a tab behind': `${queue}\t`,
  'a slash behind': `${queue}/`,
  'an escaped colon': `${queue}\\c`,
  'an escaped line feed': `${queue}\\ndestination`,
  'an escaped carriage return': `${queue}\\r`,
  'an escaped backslash': `${queue}\\\\`,
  'an escape that is none': `${queue}\\t`,
  'capitals in front': '/QUEUE/myapp.tasks.image.thumbnail',
  'capitals in the namespace': '/queue/MYAPP.tasks.image.thumbnail',
  'capitals in the task': '/queue/myapp.tasks.image.Thumbnail',
  'an empty task': '/queue/myapp.tasks.',
  'an empty part': '/queue/myapp.tasks.image..thumbnail',
  'a letter that looks alike': '/queue/myapp.tasks.imаge.thumbnail',
  'a zero-width space': '/queue/myapp.tasks.image.thumbnail\u200b',
  'a byte order mark': `\ufeff${queue}`,
  'a task of 300 characters': `/queue/myapp.tasks.image.${'a'.repeat(300)}`,
  'path segments': '/queue/myapp.tasks.image/../secret',
  nothing: '',
  'the common reply queue': '/queue/myapp.reply',
  'its own reply queue': own,
  "another's reply queue": '/queue/myapp.reply.eve.m',
  'the dead queue': '/queue/myapp.dead',
  presence: '/topic/myapp.workers.image.thumbnail',
  events: '/topic/myapp.events.image.thumbnail',
  'control of a task that is not granted': '/topic/myapp.control.secret.task',
  'control as a queue': '/queue/myapp.control.image.thumbnail',
  'a purpose that there is not': '/topic/myapp.admin.image.thumbnail',
}

const badReplyTos: Record<string, string> = {
  "another's reply queue": '/queue/myapp.reply.eve.m',
  'the common reply queue': '/queue/myapp.reply',
  'a list that begins with its own': `${own},/queue/myapp.reply.eve.m`,
  'a temporary queue': '/temp-queue/x',
  'an escape behind': `${own}\\n`,
  'an escape that is none': `${own}\\q`,
  'a space in front': ` ${own}`,
  capitals: '/queue/myapp.reply.ADA.m',
  'an owner that begins alike': '/queue/myapp.reply.adam.m',
  'no master id': '/queue/myapp.reply.ada',
  'a part too many': '/queue/myapp.reply.ada.m.n',
  'a wildcard': '/queue/myapp.reply.ada.*',
  'a topic': '/topic/myapp.reply.ada.m',
  'another namespace': '/queue/other.reply.ada.m',
  'a task': queue,
  nothing: '',
}

const badReads: Record<string, string> = {
  "another's replies": '/queue/myapp.reply.eve.m',
  'the common reply queue': '/queue/myapp.reply',
  'all replies': '/queue/myapp.reply.>',
  'all replies, other dialect': '/queue/myapp.reply.#',
  'all its own replies': '/queue/myapp.reply.ada.*',
  'a list that begins with its own replies': `${own},/queue/myapp.reply.eve.m`,
  'jobs, as a master': queue,
  'broadcast jobs, as a master': '/topic/myapp.tasks.host.facts',
  'control, as a master': '/topic/myapp.control.image.thumbnail',
  'the dead queue': '/queue/myapp.dead',
  events: '/topic/myapp.events.image.thumbnail',
  'presence of a task that it may not dispatch': '/topic/myapp.workers.secret.task',
  'presence of everything': '/topic/myapp.workers.>',
  'presence of everything, other dialect': '/topic/myapp.workers.#',
  'presence of one part': '/topic/myapp.workers.*',
  'presence below another prefix': '/topic/myapp.workers.secret.>',
  'presence with a wildcard in the middle': '/topic/myapp.workers.*.thumbnail',
  'presence as a queue': '/queue/myapp.workers.image.thumbnail',
  'the whole namespace': '/topic/myapp.>',
  everything: '/topic/>',
  advisories: '/topic/ActiveMQ.Advisory.>',
  'a temporary queue': '/temp-queue/x',
  'an exchange': '/exchange/amq.topic/#',
  'its own replies with an option': `${own}?consumer.exclusive=true`,
  'its own replies with a space': `${own} `,
  'its own replies with an escape': `${own}\\c`,
}

const workerSends: Record<string, string> = {
  'dispatches a job': answering(queue, 'reply-to:/queue/myapp.reply.rex.m', 'correlation-id:c1'),
  'broadcasts a job': answering('/topic/myapp.tasks.image.thumbnail', 'reply-to:/queue/myapp.reply.rex.m'),
  'broadcasts its job with its pass': answering(
    '/topic/myapp.tasks.image.thumbnail',
    'correlation-id:c1',
    'drover-pass:{pass}',
  ),
  'cancels a job': answering('/topic/myapp.control.image.thumbnail'),
  'answers without a pass': answering(own, 'correlation-id:c1'),
  "answers another's reply queue": answering('/queue/myapp.reply.eve.m', 'correlation-id:c1', 'drover-pass:{pass}'),
  'answers another master of the same owner': answering(
    '/queue/myapp.reply.ada.n',
    'correlation-id:c1',
    'drover-pass:{pass}',
  ),
  'answers two queues': answering(`${own},/queue/myapp.reply.eve.m`, 'correlation-id:c1', 'drover-pass:{pass}'),
  'answers the common reply queue, which the job did not ask for': answering(
    '/queue/myapp.reply',
    'correlation-id:c1',
    'drover-pass:{pass}',
  ),
  'answers about another job': answering(own, 'correlation-id:c2', 'drover-pass:{pass}'),
  'answers about no job': answering(own, 'drover-pass:{pass}'),
  'changes the pass': answering(own, 'correlation-id:c1', 'drover-pass:{pass}A'),
  'makes a pass of its own': answering(
    '/queue/myapp.reply.eve.m',
    'correlation-id:c1',
    `drover-pass:1.${btoa(JSON.stringify([queue, '/queue/myapp.reply.eve.m', 'eve'])).replace(/=+$/, '')}.${'A'.repeat(43)}`,
  ),
  'gives a pass of another version': answering(own, 'correlation-id:c1', 'drover-pass:2{pass}'),
  'gives an empty pass': answering(own, 'correlation-id:c1', 'drover-pass:'),
  'gives two passes, the right one second': answering(own, 'correlation-id:c1', 'drover-pass:x', 'drover-pass:{pass}'),
  'sends its job to another task': answering(
    '/queue/myapp.tasks.secret.task',
    'correlation-id:c1',
    'drover-pass:{pass}',
  ),
  'gives up a job without a pass': answering('/queue/myapp.dead', 'correlation-id:c1'),
  'gives up on another job': answering('/queue/myapp.dead', 'correlation-id:c9', 'drover-pass:{pass}'),
  'is present for another task': answering('/topic/myapp.workers.secret.task'),
  'is present for all tasks': answering('/topic/myapp.workers.>'),
  'tells events of another task': answering('/topic/myapp.events.secret.task'),
  'delays its job for years': answering(
    queue,
    'correlation-id:c1',
    'drover-pass:{pass}',
    'AMQ_SCHEDULED_DELAY:99999999999',
  ),
  'reads the jobs of another task': subscribe('/queue/myapp.tasks.secret.task'),
  'reads the broadcasts of another task': subscribe('/topic/myapp.tasks.secret.task'),
  'reads the control of another task': subscribe('/topic/myapp.control.secret.task'),
  'reads the jobs of all tasks': subscribe('/queue/myapp.tasks.>'),
  'reads the presence of its own task': subscribe('/topic/myapp.workers.image.thumbnail'),
  'reads the replies to its master': subscribe(own),
  'reads some jobs by a selector': subscribe('/topic/myapp.tasks.image.thumbnail', "selector:a='b'"),
  'has no reply-to of its own on presence': answering('/topic/myapp.workers.image.thumbnail', `reply-to:${own}`),
}

const malformed: Record<string, string> = {
  'CONNECT again': raw('CONNECT', ['accept-version:1.2', 'login:foo', 'passcode:bar']),
  'a MESSAGE': raw('MESSAGE', [`destination:${queue}`, 'message-id:1', 'subscription:1']),
  'a CONNECTED': raw('CONNECTED', ['version:1.2']),
  'an ERROR': raw('ERROR', ['message:x']),
  'a RECEIPT': raw('RECEIPT', ['receipt-id:1']),
  'a command that there is not': raw('PUBLISH', [`destination:${queue}`]),
  'a command in small letters': raw('send', [`destination:${queue}`]),
  'a SEND without destination': answering(undefined, `reply-to:${own}`),
  'a forbidden destination first': answering('/queue/myapp.dead', `destination:${queue}`, `reply-to:${own}`),
  'a foreign reply-to first': raw(
    'SEND',
    [`destination:${queue}`, 'reply-to:/queue/myapp.reply.eve.m', `reply-to:${own}`],
    '{}',
  ),
  'no reply-to': answering(queue, 'correlation-id:c1'),
  'a header name with a space in front': sendTo(queue, ' destination:/queue/other'),
  'a header name with a space behind': sendTo(queue, 'destination :/queue/other'),
  'a header name with a tab': sendTo(queue, 'desti\tnation:/queue/other'),
  'a header name with an escape': sendTo(queue, 'drover\\c-sender:eve'),
  'a header name with a no-break space behind': sendTo(queue, 'drover-sender\u00a0:eve'),
  'an escape that is none in any header': sendTo(queue, 'own:a\\zb'),
  'a NUL in a header': `SEND\ndestination:${queue}\0\nreply-to:${own}\n\n{}\0`,
  'a carriage return in a header': `SEND\ndestination:${queue}\rx\nreply-to:${own}\n\n{}\0`,
  'lines that end both ways': `SEND\r\ndestination:${queue}\nreply-to:${own}\n\n{}\0`,
  'a header without a colon': `SEND\ndestination:${queue}\nreply-to\n\n{}\0`,
  'a content-length that is too small': sendTo(queue, 'content-length:1'),
  'a content-length that is negative': sendTo(queue, 'content-length:-1'),
  'two content-lengths': sendTo(queue, 'content-length:2', 'content-length:1'),
  'a content-length with a sign': sendTo(queue, 'content-length:+2'),
  'a body behind SUBSCRIBE': raw('SUBSCRIBE', ['id:1', `destination:${own}`], `SEND\ndestination:/queue/x\n\n`),
  'a body behind ACK': raw('ACK', ['id:1'], 'x'),
  'a SUBSCRIBE without id': raw('SUBSCRIBE', [`destination:${own}`]),
  'a SUBSCRIBE with an ack mode that there is not': subscribe(own, 'ack:none'),
  'a SUBSCRIBE with a selector': subscribe(own, "selector:x='y'"),
  'a priority that is no integer': sendTo(queue, 'priority:5.5'),
  'a priority above 9': sendTo(queue, 'priority:10'),
  'a priority below 0': sendTo(queue, 'priority:-1'),
  'an expires that is no number': sendTo(queue, 'expires:soon'),
  'a persistent that is neither': sendTo(queue, 'persistent:yes'),
  'a line feed in a correlation-id': sendTo(queue, 'correlation-id2:x\\nreply-to\\c/queue/myapp.reply.eve.m'),
  'a carriage return in a value': sendTo(queue, 'own:x\\r'),
  'a line feed in a receipt': sendTo(queue, 'receipt:x\\ny'),
  'a line feed in the id of a SUBSCRIBE': raw('SUBSCRIBE', ['id:a\\nb', `destination:${own}`]),
  'a line feed in a transaction': raw('BEGIN', ['transaction:a\\nb']),
  'a line feed in an ACK': raw('ACK', ['id:a\\nb']),
  'a carriage return in a header that is dropped': raw('ACK', ['id:a', 'own:a\\r']),
  'an ACK of what was not handed out': raw('ACK', ['id:a']),
  'an ACK by message-id in 1.2': raw('ACK', ['message-id:5']),
  'a COMMIT of what is not open': raw('COMMIT', ['transaction:t']),
  'a SEND in a transaction that is not open': sendTo(queue, 'transaction:t'),
  'an UNSUBSCRIBE of what is not open': raw('UNSUBSCRIBE', ['id:0']),
  'a BEGIN without transaction': raw('BEGIN', []),
  'an UNSUBSCRIBE without id': raw('UNSUBSCRIBE', ['destination:/queue/x']),
  HTTP: 'POST /queue/x HTTP/1.1\r\nhost: x\r\n\r\n',
}

const list = (who: Hostile['who'], frames: Record<string, string>, prefix: string): Hostile[] =>
  Object.entries(frames).map(([what, frame]) => ({ what: `${prefix}${what}`, who, frame }))
const mapped = (frames: Record<string, string>, frame: (value: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(frames).map(([what, value]) => [what, frame(value)]))

/** Escapes mean something else in each version. */
const escapes: readonly Hostile[] = (['1.0', '1.1'] as const).flatMap(version =>
  ['\\c', '\\n', '\\r', '\\\\', '\\t', '\r'].flatMap(
    end =>
      [
        {
          what: `STOMP ${version}: SEND to a name with ${JSON.stringify(end)} behind`,
          who: 'master',
          version,
          frame: sendTo(`${queue}${end}`),
        },
        {
          what: `STOMP ${version}: SUBSCRIBE to a name with ${JSON.stringify(end)} behind`,
          who: 'master',
          version,
          frame: subscribe(`${own}${end}`),
        },
        {
          what: `STOMP ${version}: reply-to with ${JSON.stringify(end)} behind`,
          who: 'master',
          version,
          frame: raw('SEND', [`destination:${queue}`, `reply-to:${own}${end}`]),
        },
      ] as const,
  ),
)

const inFirst: readonly Hostile[] = ['\\n', '\\r', '\\c', '\\\\'].flatMap(found => [
  {
    what: `STOMP 1.0: ${found} in a value`,
    who: 'master' as const,
    version: '1.0' as const,
    frame: sendTo(queue, `own:a${found}b`),
  },
  {
    what: `STOMP 1.0: ${found} in a transaction`,
    who: 'master' as const,
    version: '1.0' as const,
    frame: raw('BEGIN', [`transaction:a${found}`]),
  },
])

export const hostileFrames: readonly Hostile[] = [
  ...inFirst,
  ...list(
    'master',
    mapped(badTargets, destination => sendTo(destination)),
    'SEND to ',
  ),
  ...list(
    'master',
    mapped(badReplyTos, replyTo => raw('SEND', [`destination:${queue}`, `reply-to:${replyTo}`], '{}')),
    'reply-to: ',
  ),
  ...list(
    'master',
    {
      'control with a foreign reply-to': answering(
        '/topic/myapp.control.image.thumbnail',
        'reply-to:/queue/myapp.reply.eve.m',
      ),
    },
    '',
  ),
  ...list(
    'master',
    mapped(badReads, destination => subscribe(destination)),
    'SUBSCRIBE to ',
  ),
  ...list('worker', workerSends, 'a worker '),
  ...list('master', malformed, ''),
  ...escapes,
]
