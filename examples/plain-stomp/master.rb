#!/usr/bin/env ruby
# A master in plain STOMP: sends one job and prints every reply. No Drover in it.
#
#     gem install stomp                # or: apt-get install ruby-stomp
#     ruby master.rb text.count '{"text": "three short words"}'
#     ruby master.rb --all host.facts             # every worker; waits 3 s for answers
#
# STOMP_HOST and STOMP_PORT say where the broker is. One such master runs at a time, since they would share one reply queue.
require 'json'
require 'securerandom'
require 'stomp'
require 'timeout'

REPLIES = '/queue/myapp.reply'
OUTCOMES = %w[result error rejected cancelled].freeze

to_all = ARGV.delete('--all')
task, input = ARGV
abort File.read(__FILE__)[/\A#!.*\n((#.*\n)+)/, 1].gsub(/^# ?/, '') unless task
job = { request_id: SecureRandom.uuid, task: task, input: JSON.parse(input || '{}') }

conn = Stomp::Connection.new(
  hosts: [{ login: 'foo', passcode: 'bar',
            host: ENV.fetch('STOMP_HOST', 'localhost'), port: ENV.fetch('STOMP_PORT', '61613').to_i }],
  connect_headers: { 'accept-version' => '1.2', 'host' => '/' },
  reliable: false
)

# Listen first: a job sent before its reply queue is read could be answered to nobody. The RECEIPT, which the broker sends
# after it, tells that it listens.
conn.subscribe(REPLIES, { 'ack' => 'client-individual', 'receipt' => 'listening' }, 'replies')

kind = to_all ? 'topic' : 'queue'
sent = false
ended = 0
begin
  Timeout.timeout(to_all ? 3 : 60) do
    while (message = conn.receive)
      case message.command
      when 'ERROR' then abort "the broker refused: #{message.headers['message']}"
      when 'RECEIPT'
        next if sent

        sent = true
        conn.publish("/#{kind}/myapp.tasks.#{task}", job.to_json,
                     'content-type' => 'application/json', 'correlation-id' => job[:request_id],
                     'reply-to' => REPLIES, 'persistent' => 'true')
      when 'MESSAGE'
        conn.ack(message.headers['ack'])
        reply = JSON.parse(message.body)
        next unless reply['request_id'] == job[:request_id]

        puts reply.to_json
        ended += 1 if OUTCOMES.include?(reply['type'])
        break if ended.positive? && !to_all
      end
    end
  end
rescue Timeout::Error
  # nobody else answered in time
end
conn.disconnect
abort "no worker answered; is one running for #{task}?" if ended.zero?
