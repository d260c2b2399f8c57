/** The configurations of docs/brokers.md are those that the tests run, with other ports and paths and fewer users. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { blocksOf } from './blocks.ts'

const blocks = blocksOf(readFileSync('docs/brokers.md', 'utf8'))
const blockWith = (language: string, word: string): string => {
  const found = blocks.filter(block => block.language === language && block.text.includes(word))
  expect(found, `${language} blocks of docs/brokers.md with ${word}`).toHaveLength(1)
  return found[0]!.text
}
const testsFile = (name: string): string => readFileSync(`test/support/brokers/${name}`, 'utf8').trim()

function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((filled, [name, value]) => filled.replaceAll(name, value), text)
}

/** The lines that say that a file is for tests, and users that only these have. */
const withoutLines = (text: string, pattern: RegExp): string =>
  text
    .split('\n')
    .filter(line => !pattern.test(line))
    .join('\n')

/** Of RabbitMQ. */
interface Definitions {
  users: { name: string }[]
  vhosts: { name: string }[]
  permissions: { user: string }[]
}

test('ActiveMQ Classic', () => {
  const run = filledIn(testsFile('classic/activemq.xml'), {
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: as Spring fills them in
    '${broker.scheduler}': 'true',
    '${broker.data}': '${activemq.data}',
    '${broker.journal}': '16mb',
    '${broker.store}': '4 gb',
    '${broker.port}': '61613',
    '${broker.wsport}': '61614',
    '${broker.wsquery}': '?websocket.maxTextMessageSize=16777216',
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as Spring fills them in
  })
  expect(blockWith('xml', '<broker ')).toBe(withoutLines(run, /^<!-- .* for tests|username="(odd|nobody)"/))
})

test('the Classic of examples/activemq is that of docs/brokers.md', () => {
  const example = (name: string): string => readFileSync(`examples/activemq/${name}`, 'utf8').trim()
  const run = filledIn(example('activemq.xml'), {
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: as Spring fills them in
    '${broker.data}': '${activemq.data}',
    '${broker.port}': '61613',
    '${broker.wsport}': '61614',
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as Spring fills them in
  })
  expect(withoutLines(run, /^<!-- .* as Drover uses it/)).toBe(
    blockWith('xml', '<broker ').replace(' cleanupInterval="1000"', ''),
  )
  expect(example('pom.xml')).toBe(testsFile('classic/pom.xml'))
})

test('Artemis', () => {
  const run = filledIn(testsFile('artemis/broker.xml'), { '@PORT@': '61613' })
  expect(blockWith('xml', '<configuration ')).toBe(run.replace(/<!-- .* for tests[\s\S]*?-->\n/, ''))
  expect(testsFile('artemis/as-created')).toContain('create --user foo --password bar --require-login')
  expect(blockWith('sh', 'artemis')).toContain('create --user foo --password bar --require-login')
})

test('RabbitMQ', () => {
  const start = testsFile('rabbitmq/start')
  const [, plugins = ''] = /printf '(.*)\\n' > "\$data\/enabled_plugins"/.exec(start) ?? []
  expect(blockWith('erlang', 'rabbitmq')).toBe(plugins)
  const [, conf = ''] = /rabbitmq\.conf" <<C\n([\s\S]*?)\nC\n/.exec(start) ?? []
  const paths = { $AMQPPORT: '5672', $WSPORT: '15674', $PORT: '61613', $data: '/etc/rabbitmq' }
  expect(blockWith('ini', 'stomp')).toBe(withoutLines(filledIn(conf, paths), /^log\./))
  const [, definitions = ''] = /definitions\.json" <<J\n([\s\S]*?)\nJ\n/.exec(start) ?? []
  const run = JSON.parse(definitions.replaceAll('\\\\', '\\')) as Definitions
  expect(JSON.parse(blockWith('json', 'permissions'))).toEqual({
    users: run.users.filter(({ name }) => name === 'foo'),
    vhosts: run.vhosts.filter(({ name }) => name === '/'),
    permissions: run.permissions.filter(({ user }) => user === 'foo'),
  })
})
