#!/usr/bin/env python3
"""A master in plain STOMP that seals a job and opens the replies. No Drover in it.

    pip install stomp.py jwcrypto
    npx drover keys show drover-keys.json --public --json > public-keys.json
    python3 sealed_master.py public-keys.json text.count '{"text": "three short words"}'

STOMP_HOST and STOMP_PORT say where the broker is. One such master runs at a time, since they would share one reply queue.
"""
import json
import os
import queue
import sys
import time
import uuid

import stomp

import seal

REPLIES = "/queue/myapp.reply"
OUTCOMES = ("result", "error", "rejected", "cancelled")
# The fields that come sealed. Of an error, an open one says that it is sealed.
PAYLOADS = {
    "progress": ("percent", "message", "data"),
    "log": ("message", "data"),
    "partial": ("data",),
    "retrying": ("error",),
    "result": ("output",),
    "error": ("error",),
    "rejected": ("issues",),
}
TIMEOUT_MS = 60_000

if len(sys.argv) != 4:
    sys.exit(__doc__)
keys, task, given = seal.read_keys(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
recipients = seal.sealing(keys)
if not recipients:
    sys.exit("none of the keys seals now")

reply_key = seal.new_reply_key()
place = {"namespace": "myapp", "task": task, "request_id": str(uuid.uuid4()), "attempt": 1}
expires_at = int(time.time() * 1000) + TIMEOUT_MS
bound = {"direction": "job", **place, "expires_at": expires_at}
job = {
    "request_id": place["request_id"],
    "task": task,
    "timeout_ms": TIMEOUT_MS,
    "sealed": seal.seal(recipients, bound, {"input": given, "reply_key": reply_key}),
}
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
        inbox.put("the broker refused: " + frame.headers.get("message", frame.body))


def opened(reply):
    """The reply with its payload, or None for one that counts for nothing."""
    sealed = reply.pop("sealed", None)
    if sealed is None:
        return None if reply["type"] in ("result", "partial", "progress", "log") else reply
    at = {name: reply[name] for name in ("worker_id", "type", "seq")}
    at = {"direction": "reply", **place, "attempt": reply.get("attempt", 1), **at}
    try:
        payload, _ = seal.open_sealed({reply_key["kid"]: reply_key}, sealed, at)
    except (seal.CannotOpen, seal.Refused) as error:
        print("a reply does not open:", error, file=sys.stderr)
        return None
    return {**reply, **{name: payload[name] for name in PAYLOADS.get(reply["type"], ()) if name in payload}}


conn.set_listener("inbox", Inbox())
conn.connect("foo", "bar", wait=True)
conn.subscribe(REPLIES, id="replies", ack="client-individual", headers={"receipt": "listening"})
if inbox.get(timeout=10) != "listening":
    sys.exit("the broker does not let us listen")
headers = {"correlation-id": job["request_id"], "reply-to": REPLIES, "persistent": "true"}
conn.send(f"/queue/myapp.tasks.{task}", json.dumps(job), content_type="application/json", headers=headers)

outcome = None
while outcome is None:
    try:
        reply = inbox.get(timeout=max(0, expires_at / 1000 - time.time()))
    except queue.Empty:
        break
    if not isinstance(reply, dict) or reply["request_id"] != job["request_id"] or (reply := opened(reply)) is None:
        continue
    print(json.dumps(reply), flush=True)
    if reply["type"] in OUTCOMES:
        outcome = reply
conn.disconnect()
sys.exit(None if outcome else f"no worker answered; is one running for {task}?")
