/** Frames that a worker may not send, with the job that it was handed or without one. */
import { answering, type Hostile, list, own, queue, subscribe } from './frame.ts'

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

export const hostileWorkerFrames: readonly Hostile[] = list('worker', workerSends, 'a worker ')
