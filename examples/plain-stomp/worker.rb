#!/usr/bin/env ruby
# A worker in plain STOMP: counts the words of a text. No Drover in it.
#
#     gem install stomp                # or: apt-get install ruby-stomp
#     ruby worker.rb                   # STOMP_HOST and STOMP_PORT say where the broker is
#
# A job is a JSON message on a task's queue (one worker gets it) or topic (every worker gets it). The answer is a JSON
# message with the job's request_id, sent to where the job says, or to /queue/myapp.reply when it says nothing.
require 'json'
require 'securerandom'
require 'stomp'

TASK = 'text.count'
WORKER_ID = SecureRandom.uuid
REPLY_QUEUES = %r{\A(/queue/myapp\.reply(\.[\w-]+\.[\w-]+)?|/(remote-)?temp-queue/[^,*>]+)\z}
# One job at a time: each broker reads its own header and leaves the others alone.
ONE_AT_A_TIME = { 'activemq.prefetchSize' => '1', 'prefetch-count' => '1', 'consumer-window-size' => '0' }

CONN = Stomp::Connection.new(
  hosts: [{ login: 'foo', passcode: 'bar',
            host: ENV.fetch('STOMP_HOST', 'localhost'), port: ENV.fetch('STOMP_PORT', '61613').to_i }],
  connect_headers: { 'accept-version' => '1.2', 'host' => '/' },
  reliable: false
)

# The outcome of the job: a result, or the faults of its input.
def run(job)
  text = job['input']['text'] if job['input'].is_a?(Hash)
  return { type: 'rejected', issues: [{ path: 'text', message: 'expected a text' }] } unless text.is_a?(String)

  { type: 'result', output: { words: text.split.length, characters: text.length } }
end

# RabbitMQ takes replies to one master of many under another name.
QUEUES = CONN.connection_frame.headers['server'].to_s.start_with?('RabbitMQ') ? '/amq/queue/' : '/queue/'

def reply(destination, job, seq, fields, headers = {})
  body = { request_id: job['request_id'], worker_id: WORKER_ID, seq: seq, attempt: job['attempt'] || 1 }
  headers = { 'content-type' => 'application/json', 'correlation-id' => job['request_id'] }.merge(headers)
  CONN.publish(destination, body.merge(fields).to_json, headers)
end

CONN.subscribe("/topic/myapp.tasks.#{TASK}", { 'ack' => 'client-individual' }, 'all')
CONN.subscribe("/queue/myapp.tasks.#{TASK}", { 'ack' => 'client-individual' }.merge(ONE_AT_A_TIME), 'one')
$stdout.sync = true
puts "waiting for jobs of #{TASK}"
trap('INT') { exit }

while (message = CONN.receive)
  abort "the broker refused: #{message.headers['message']}" if message.command == 'ERROR'
  job = JSON.parse(message.body)
  # Our login may write more than reply queues, so a job does not get to choose just anything.
  asked = message.headers['reply-to'].to_s
  reply_to = asked.match?(REPLY_QUEUES) ? asked : '/queue/myapp.reply'
  reply_to = reply_to.sub('/queue/myapp.reply.', "#{QUEUES}myapp.reply.")
  puts "running #{job['request_id']}"
  reply(reply_to, job, 0, { type: 'accepted', name: 'plain-ruby' })
  outcome = run(job)
  # Answer and acknowledge together, so that neither happens without the other.
  transaction = { 'transaction' => SecureRandom.uuid }
  CONN.begin(transaction['transaction'])
  reply(reply_to, job, 1, outcome, { 'persistent' => 'true' }.merge(transaction))
  CONN.ack(message.headers['ack'], transaction)
  CONN.commit(transaction['transaction'])
  puts "#{outcome[:type]} #{job['request_id']}"
end
abort 'the connection is gone'
