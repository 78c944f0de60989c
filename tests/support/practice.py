"""Starts the practice platforms as anybody would: `lockstep practice servicenow jira --json`, on free ports."""

import base64
import json
import os
import selectors
import signal
import subprocess
import time
import urllib.parse
from http.client import HTTPConnection

START_SECONDS_MAX = 60


class Platform:
    """A practice platform that runs, and the sign-ins it knows."""

    def __init__(self, started):
        self.name, self.url = started["platform"], started["url"].rstrip("/")
        self.user, self.secret = started["user"], started["secret"]
        self.host = urllib.parse.urlsplit(self.url).netloc

    def control(self, method, call, body=None):
        """The control endpoint, outside of what is recorded."""
        connection = HTTPConnection(self.host, timeout=30)
        connection.request(method, "/_practice/" + call, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{method} {call}: {answer.status} {text[:300]!r}")
        return json.loads(text)

    def credentials(self):
        return self.control("GET", "sign-in")


def basic(user, secret):
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


class Practice:
    """Context manager; gives the platforms by name."""

    def __init__(self, program):
        self.program = program

    def __enter__(self):
        environment = {**os.environ, "NO_COLOR": "1"}
        self.process = subprocess.Popen(
            [self.program, "practice", "servicenow", "jira", "--json"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment, start_new_session=True,
        )
        try:
            return self.wait_for(2)
        except BaseException:
            self.__exit__()
            raise

    def wait_for(self, count):
        platforms, text, until = {}, b"", time.monotonic() + START_SECONDS_MAX
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while len(platforms) < count:
                if not selector.select(max(0, until - time.monotonic())):
                    raise RuntimeError("the practice platforms did not start in time")
                piece = os.read(self.process.stdout.fileno(), 65_536)
                if not piece:
                    raise RuntimeError(f"the practice platforms ended with code {self.process.wait()}")
                text += piece
                *lines, text = text.split(b"\n")
                for line in filter(None, lines):
                    platform = Platform(json.loads(line))
                    platforms[platform.name] = platform
        return platforms

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
