"""Sealed jobs and replies, for sealed_worker.py and sealed_master.py: docs/protocol.md, "Sealed jobs".

    pip install jwcrypto
"""
import base64
import json
import os
import time

from jwcrypto import jwe, jwk, jws

KEY_ALGS = ("ECDH-ES+A256KW", "A256KW")
ALGS = [*KEY_ALGS, "A256GCM"]
SIGNATURE_ALGS = ["ES256", "EdDSA"]
HEADER = {"alg", "cty", "drover", "enc", "epk", "kid"}
CLOCK_TOLERANCE_MS = 300_000


class CannotOpen(Exception):
    """The body is sealed for other keys."""


class Refused(Exception):
    """The body is not the one that was sealed for this place."""


def read_keys(path):
    """The keys of a JWKS file, by kid. `drover keys new` makes one."""
    with open(path, encoding="utf-8") as file:
        return {key["kid"]: key for key in json.load(file)["keys"]}


def sealing(keys):
    """The keys that seal now."""
    now = time.time()
    return [
        key for key in keys.values()
        if key.get("alg") in KEY_ALGS and key.get("nbf", now) <= now < key.get("exp", now + 1)
    ]


def new_reply_key():
    text = lambda size: base64.urlsafe_b64encode(os.urandom(size)).decode().rstrip("=")
    return {"kty": "oct", "alg": "A256KW", "kid": text(9), "k": text(32)}


def seal(recipients, place, payload):
    """Seals for each key. The place of the body is bound to it: direction, namespace, task, request_id, attempt ..."""
    header = {"enc": "A256GCM", "drover": place}
    names = [{"alg": key["alg"], "kid": key["kid"]} for key in recipients]
    if len(recipients) == 1:
        header, names = {**header, **names[0]}, [None]
    body = jwe.JWE(json.dumps(payload).encode(), json.dumps(header), algs=ALGS)
    for key, name in zip(recipients, names):
        body.add_recipient(jwk.JWK(**only_material(key)), name and json.dumps(name))
    return json.loads(body.serialize())


def open_sealed(keys, sealed, place):
    """The payload of a body that came to this place, opened by one of the keys (by kid)."""
    try:
        header = json.loads(base64.urlsafe_b64decode(sealed["protected"] + "=="))
        names = [one["header"] for one in sealed.get("recipients", ())] or [{**header, **sealed.get("header", {})}]
        kids = [name["kid"] for name in names if keys.get(name["kid"], {}).get("alg") == name["alg"]]
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("the body is no JWE that names its keys") from error
    if not kids:
        raise CannotOpen([name["kid"] for name in names])
    if not set(header) <= HEADER or "unprotected" in sealed or "aad" in sealed:
        raise Refused("the body has members that are not spoken here")
    check_place(header.get("drover"), place)
    try:
        body = jwe.JWE(algs=ALGS)
        body.deserialize(json.dumps(sealed), jwk.JWK(**only_material(keys[kids[0]])))
    except Exception as error:  # whatever a hostile body makes the library say
        raise Refused("the body is not what was sealed") from error
    plain = verified(keys, body.payload, place) if header.get("cty") == "JWS" else body.payload
    try:
        payload = json.loads(plain)
    except ValueError as error:
        raise Refused("the body holds no JSON") from error
    if not isinstance(payload, dict):
        raise Refused("the body holds no JSON object")
    return payload, header["drover"]


def open_job(keys, sealed, place):
    """The input of a job, and the key for the replies to it."""
    payload, found = open_sealed(keys, sealed, {"direction": "job", **place})
    expires_at = found.get("expires_at")
    if not isinstance(expires_at, int) or time.time() * 1000 >= expires_at + CLOCK_TOLERANCE_MS:
        raise Refused("the job came after its time")
    reply_key = payload.get("reply_key")
    if not isinstance(reply_key, dict) or reply_key.get("kty") != "oct":
        raise Refused("the body has no reply_key")
    return payload.get("input"), reply_key


def verified(keys, plain, place):
    signed = jws.JWS()
    signed.allowed_algs = SIGNATURE_ALGS
    try:
        signed.deserialize(plain.decode())
        key = keys[signed.jose_header["kid"]]
        signed.verify(jwk.JWK(**only_material(key)), key["alg"])
    except Exception as error:
        raise Refused("the body is signed, and not by a key that is here") from error
    without = ("attempt",) if place["direction"] == "job" else ()
    check_place(signed.jose_header.get("drover"), {name: value for name, value in place.items() if name not in without})
    return signed.payload


def check_place(found, place):
    for name, value in place.items():
        if not isinstance(found, dict) or found.get(name) != value:
            raise Refused(f"the body was sealed for another {name}")


def only_material(key):
    """Without nbf and exp, which say when a key seals. Opening goes on after that."""
    return {name: value for name, value in key.items() if name in ("kty", "crv", "x", "y", "d", "k", "kid")}
