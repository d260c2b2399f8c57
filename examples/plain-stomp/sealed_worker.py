#!/usr/bin/env python3
"""A worker in plain STOMP that takes sealed jobs, and answers them sealed: counts the words of a text. No Drover in it.

    pip install stomp.py jwcrypto
    npx drover keys new drover-keys.json
    python3 sealed_worker.py drover-keys.json

STOMP_HOST and STOMP_PORT say where the broker is. worker.py shows more of a worker.
"""
import json
import os
import re
import sys
import threading
import time
import uuid

import stomp

import seal

TASK = "text.count"
WORKER_ID = str(uuid.uuid4())
REPLY_QUEUES = re.compile(r"/queue/myapp\.reply(\.[\w-]+\.[\w-]+)?|/(remote-)?temp-queue/[^,*>]+")
# A job that nobody could open comes again after so long.
PAUSE_S = 1

if len(sys.argv) != 2:
    sys.exit(__doc__)
keys = seal.read_keys(sys.argv[1])
broker = (os.environ.get("STOMP_HOST", "localhost"), int(os.environ.get("STOMP_PORT", "61613")))
conn = stomp.Connection12([broker], vhost="/")
gone = threading.Event()


def run(given):
    """What ends the job: its type, and what is sealed of it."""
    text = given.get("text") if isinstance(given, dict) else None
    if not isinstance(text, str):
        return "rejected", {"issues": [{"path": "text", "message": "expected a text"}]}
    return "result", {"output": {"words": len(text.split()), "characters": len(text)}}


def answer(job):
    """The outcome of a job, or cannot_open."""
    place = {"namespace": "myapp", "task": job["task"], "request_id": job["request_id"], "attempt": job.get("attempt", 1)}
    if "sealed" not in job:
        return {"type": "rejected", "issues": [{"path": "", "message": "expected a sealed job"}]}
    try:
        given, reply_key = seal.open_job(keys, job["sealed"], place)
    except seal.CannotOpen as error:
        return {"type": "cannot_open", "name": "sealed-python", "kids": error.args[0]}
    except seal.Refused as error:
        return {"type": "rejected", "issues": [{"path": "", "message": f"This sealed job is refused: {error}"}]}
    kind, payload = run(given)
    place = {"direction": "reply", **place, "worker_id": WORKER_ID, "type": kind, "seq": 0}
    open_fields = {"issues": []} if kind == "rejected" else {}
    return {"type": kind, **open_fields, "sealed": seal.seal([reply_key], place, payload)}


class Worker(stomp.ConnectionListener):
    def on_connected(self, frame):
        # RabbitMQ takes replies to one master of many under another name.
        is_rabbit = frame.headers.get("server", "").startswith("RabbitMQ")
        self.queues = "/amq/queue/" if is_rabbit else "/queue/"

    def on_message(self, frame):
        job = json.loads(frame.body)
        outcome = answer(job)
        # Answer and acknowledge together, so that neither happens without the other.
        transaction = conn.begin()
        self.reply(frame, job, outcome, transaction)
        if outcome["type"] == "cannot_open":
            # Another worker may have the key. The job goes back as it came.
            time.sleep(PAUSE_S)
            kept = {name: frame.headers[name] for name in ("correlation-id", "reply-to", "expires") if name in frame.headers}
            conn.send(f"/queue/myapp.tasks.{TASK}", frame.body, headers={**kept, "persistent": "true"}, transaction=transaction)
        conn.ack(frame.headers["ack"], transaction=transaction)
        conn.commit(transaction)
        print(outcome["type"], job["request_id"], flush=True)

    def reply(self, frame, job, fields, transaction):
        reply_to = frame.headers.get("reply-to", "/queue/myapp.reply")
        # Our login may write more than reply queues, so a job does not get to choose just anything.
        if not REPLY_QUEUES.fullmatch(reply_to):
            reply_to = "/queue/myapp.reply"
        reply_to = reply_to.replace("/queue/myapp.reply.", self.queues + "myapp.reply.")
        body = {"request_id": job["request_id"], "worker_id": WORKER_ID, "seq": 0, "attempt": job.get("attempt", 1), **fields}
        headers = {"correlation-id": job["request_id"], "persistent": "true"}
        conn.send(reply_to, json.dumps(body), transaction=transaction, headers=headers)

    def on_receipt(self, frame):
        if frame.headers["receipt-id"] == "ready":
            print("waiting for sealed jobs of", TASK, flush=True)

    def on_error(self, frame):
        print("the broker refused:", frame.headers.get("message", frame.body), flush=True)

    def on_disconnected(self):
        gone.set()


conn.set_listener("worker", Worker())
conn.connect("foo", "bar", wait=True)
headers = {"activemq.prefetchSize": "1", "prefetch-count": "1", "consumer-window-size": "0", "receipt": "ready"}
conn.subscribe(f"/queue/myapp.tasks.{TASK}", id="one", ack="client-individual", headers=headers)
try:
    gone.wait()
    raise SystemExit("the connection is gone")
except KeyboardInterrupt:
    conn.disconnect()
