"""Sends requests to a practice platform and keeps every pair, from the wire or from the platform's own recording."""

import json
import re
import urllib.parse
from http.client import HTTPConnection

from openapi import Pair
from practice import basic


class Answer:
    def __init__(self, pair):
        self.pair, self.status, self.headers, self.body = pair, pair.status, pair.answer_headers, pair.answer_body

    def json(self):
        return json.loads(self.body)


class Caller:
    """One who signs in and asks."""

    def __init__(self, platform, pairs, user=None, secret=None, anonymous=False):
        self.platform, self.pairs = platform, pairs
        self.sign_in = None if anonymous else basic(user or platform.user, secret or platform.secret)

    def send(self, method, path, *, query=None, json_body=None, body=None, kind=None, headers=None, status=None):
        """`status`: what has to come back; anything in the two hundreds unless told."""
        target = path + ("?" + urllib.parse.urlencode(query, doseq=True) if query else "")
        sent = {"Accept": "application/json"}
        if self.sign_in:
            sent["Authorization"] = self.sign_in
        if json_body is not None:
            body, kind = json.dumps(json_body).encode(), "application/json"
        if kind:
            sent["Content-Type"] = kind
        sent = {name: value for name, value in {**sent, **(headers or {})}.items() if value is not None}
        connection = HTTPConnection(self.platform.host, timeout=30)
        connection.request(method, target, body, sent)
        answer = connection.getresponse()
        parts = urllib.parse.urlsplit(target)
        pair = Pair(
            method, parts.path, parts.query, {k.lower(): v for k, v in sent.items()}, body or b"", answer.status,
            {k.lower(): v for k, v in answer.getheaders()}, answer.read(), "journey",
        )
        connection.close()
        self.pairs.append(pair)
        if not (200 <= pair.status < 300 if status is None else pair.status == status):
            wanted = status or "success"
            raise AssertionError(f"{pair.target()}: {pair.status} where {wanted} was wanted: {pair.answer_body[:400]!r}")
        return Answer(pair)

    def get(self, path, **more):
        return self.send("GET", path, **more)

    def post(self, path, json_body=None, **more):
        return self.send("POST", path, json_body=json_body, **more)

    def put(self, path, json_body=None, **more):
        return self.send("PUT", path, json_body=json_body, **more)

    def delete(self, path, **more):
        return self.send("DELETE", path, **more)


def form(parts):
    """A multipart body and its media type. `parts`: (name, file name or None, type or None, bytes)."""
    edge, body = "contract-edge", b""
    for name, file_name, kind, content in parts:
        about = f'form-data; name="{name}"' + (f'; filename="{file_name}"' if file_name else "")
        body += f"--{edge}\r\nContent-Disposition: {about}\r\n".encode()
        body += (f"Content-Type: {kind}\r\n" if kind else "").encode() + b"\r\n" + content + b"\r\n"
    return body + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def recorded(platform, source):
    """What the practice platform recorded, as pairs."""
    return pairs_of(platform.control("GET", "log")["entries"], source)


def kept(folder):
    """What the journeys recorded, by platform: the same question with the same kind of answer once alone, for the crash
    test asks the same ten thousand times over."""
    pairs, met, all_count = {"servicenow": [], "jira": []}, set(), 0
    for file in sorted(folder.glob("*.json")):
        entries = json.loads(file.read_text(encoding="utf-8"))
        all_count += len(entries)
        for entry in entries:
            kind = (file.name.split("-")[0], *shape_of(entry))
            if entry.get("recorded") and kind not in met:
                met.add(kind)
                ours = (entry["user"] or "").lower().startswith("lockstep")
                pairs[kind[0]] += pairs_of([entry], "lockstep" if ours else "journeys")
    return pairs, all_count


def shape_of(entry):
    """Path without ids, names of parameters and keys of the bodies."""
    def keys(text):
        try:
            return shape(json.loads(text))
        except ValueError:
            return bool(text)

    path = re.sub(r"[0-9a-f]{32}|[A-Z]+-?\d+|\d+", "*", entry["path"])
    names = tuple(sorted(name for name, _ in urllib.parse.parse_qsl(entry["query"], keep_blank_values=True)))
    answer = entry.get("recorded", {}).get("answer_body", "")
    return entry["method"], path, names, entry["status"], keys(entry["body"]), keys(answer)


def shape(value, depth=4):
    if isinstance(value, dict):
        return tuple(sorted((key, shape(each, depth - 1)) for key, each in value.items())) if depth else "{}"
    if isinstance(value, list):
        return ("list", *sorted({repr(shape(each, depth - 1)) for each in value[:20]})) if depth else "[]"
    return type(value).__name__


def pairs_of(entries, source):
    pairs = []
    for entry in entries:
        more = entry.get("recorded")
        # What carries a secret was withheld.
        if not more or more["answer_body"] == "(withheld)":
            continue
        shown = entry["body"].encode()
        pairs.append(Pair(
            entry["method"], entry["path"], entry["query"], dict(more["request_headers"]), shown, entry["status"],
            dict(more["answer_headers"]), more["answer_body"].encode(), source,
            request_whole=entry["body_bytes"] == len(shown),
        ))
    return pairs
