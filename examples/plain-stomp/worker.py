#!/usr/bin/env python3
"""A worker in plain STOMP: counts the words of a text. No Drover in it.

    pip install stomp.py
    python3 worker.py                  # STOMP_HOST and STOMP_PORT say where the broker is

A job is a JSON message on a task's queue (one worker gets it) or topic (every worker gets it). The answer is a JSON
message with the job's request_id, sent to where the job says, or to /queue/myapp.reply when it says nothing.
"""
import json
import os
import re
import threading
import uuid

import stomp

TASK = "text.count"
WORKER_ID = str(uuid.uuid4())
REPLY_QUEUES = re.compile(r"/queue/myapp\.reply(\.[\w-]+\.[\w-]+)?|/(remote-)?temp-queue/[^,*>]+")
# One job at a time: each broker reads its own header and leaves the others alone.
ONE_AT_A_TIME = {"activemq.prefetchSize": "1", "prefetch-count": "1", "consumer-window-size": "0"}

broker = (os.environ.get("STOMP_HOST", "localhost"), int(os.environ.get("STOMP_PORT", "61613")))
conn = stomp.Connection12([broker], vhost="/")
gone = threading.Event()


def run(job):
    """The outcome of the job: a result, or the faults of its input."""
    text = job["input"].get("text") if isinstance(job["input"], dict) else None
    if not isinstance(text, str):
        return {"type": "rejected", "issues": [{"path": "text", "message": "expected a text"}]}
    return {"type": "result", "output": {"words": len(text.split()), "characters": len(text)}}


class Worker(stomp.ConnectionListener):
    def on_connected(self, frame):
        # RabbitMQ takes replies to one master of many under another name.
        is_rabbit = frame.headers.get("server", "").startswith("RabbitMQ")
        self.queues = "/amq/queue/" if is_rabbit else "/queue/"

    def on_message(self, frame):
        job = json.loads(frame.body)
        reply_to = frame.headers.get("reply-to", "/queue/myapp.reply")
        # Our login may write more than reply queues, so a job does not get to choose just anything.
        if not REPLY_QUEUES.fullmatch(reply_to):
            reply_to = "/queue/myapp.reply"
        reply_to = reply_to.replace("/queue/myapp.reply.", self.queues + "myapp.reply.")
        print("running", job["request_id"], flush=True)
        self.reply(reply_to, job, 0, {"type": "accepted", "name": "plain-python"})
        outcome = run(job)
        # Answer and acknowledge together, so that neither happens without the other.
        transaction = conn.begin()
        self.reply(reply_to, job, 1, outcome, transaction=transaction, persistent="true")
        conn.ack(frame.headers["ack"], transaction=transaction)
        conn.commit(transaction)
        print(outcome["type"], job["request_id"], flush=True)

    def reply(self, destination, job, seq, fields, **headers):
        body = {"request_id": job["request_id"], "worker_id": WORKER_ID, "seq": seq, "attempt": job.get("attempt", 1)}
        headers["correlation-id"] = job["request_id"]
        conn.send(destination, json.dumps({**body, **fields}), content_type="application/json", headers=headers)

    def on_receipt(self, frame):
        if frame.headers["receipt-id"] == "ready":
            print("waiting for jobs of", TASK, flush=True)

    def on_error(self, frame):
        print("the broker refused:", frame.headers.get("message", frame.body), flush=True)

    def on_disconnected(self):
        gone.set()


conn.set_listener("worker", Worker())
conn.connect("foo", "bar", wait=True)
conn.subscribe(f"/topic/myapp.tasks.{TASK}", id="all", ack="client-individual")
conn.subscribe(f"/queue/myapp.tasks.{TASK}", id="one", ack="client-individual", headers={**ONE_AT_A_TIME, "receipt": "ready"})
try:
    gone.wait()
    raise SystemExit("the connection is gone")
except KeyboardInterrupt:
    conn.disconnect()
