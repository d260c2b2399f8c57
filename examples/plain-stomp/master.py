#!/usr/bin/env python3
"""A master in plain STOMP: sends one job and prints every reply. No Drover in it.

    pip install stomp.py
    python3 master.py text.count '{"text": "three short words"}'
    python3 master.py --all host.facts            # every worker; waits 3 s for answers

STOMP_HOST and STOMP_PORT say where the broker is. One such master runs at a time, since they would share one reply queue.
"""
import json
import os
import queue
import sys
import time
import uuid

import stomp

REPLIES = "/queue/myapp.reply"
OUTCOMES = ("result", "error", "rejected", "cancelled")

arguments = sys.argv[1:]
to_all = "--all" in arguments
if to_all:
    arguments.remove("--all")
if not arguments:
    sys.exit(__doc__)
task, text = (arguments + ["{}"])[:2]
job = {"request_id": str(uuid.uuid4()), "task": task, "input": json.loads(text)}

broker = (os.environ.get("STOMP_HOST", "localhost"), int(os.environ.get("STOMP_PORT", "61613")))
conn = stomp.Connection12([broker], vhost="/")
inbox = queue.Queue()


class Inbox(stomp.ConnectionListener):
    def on_message(self, frame):
        inbox.put(json.loads(frame.body))
        conn.ack(frame.headers["ack"])

    def on_receipt(self, frame):
        inbox.put(frame.headers["receipt-id"])

    def on_error(self, frame):
        inbox.put(frame)


def next_item(seconds):
    """The next reply or receipt, or None when nothing came in time."""
    try:
        item = inbox.get(timeout=max(seconds, 0))
    except queue.Empty:
        return None
    if isinstance(item, stomp.utils.Frame):
        sys.exit("the broker refused: " + item.headers.get("message", item.body))
    return item


conn.set_listener("inbox", Inbox())
conn.connect("foo", "bar", wait=True)

# Listen first: a job sent before its reply queue is read could be answered to nobody.
conn.subscribe(REPLIES, id="replies", ack="client-individual", headers={"receipt": "listening"})
while (item := next_item(10)) != "listening":
    if item is None:
        sys.exit("the broker does not answer")

kind = "topic" if to_all else "queue"
headers = {"correlation-id": job["request_id"], "reply-to": REPLIES, "persistent": "true"}
conn.send(f"/{kind}/myapp.tasks.{task}", json.dumps(job), content_type="application/json", headers=headers)

ended = 0
until = time.monotonic() + (3 if to_all else 60)
while (reply := next_item(until - time.monotonic())) is not None:
    if not isinstance(reply, dict) or reply["request_id"] != job["request_id"]:
        continue
    print(json.dumps(reply), flush=True)
    if reply["type"] in OUTCOMES:
        ended += 1
        if not to_all:
            break
conn.disconnect()
sys.exit(0 if ended else f"no worker answered; is one running for {task}?")
