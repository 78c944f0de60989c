"""Runs each client against a pair of practice platforms, one after the other.

    clients.py LOCKSTEP
"""

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from practice import Practice

CLIENTS = {
    "PyPI pysnow (ServiceNow)": ("servicenow", [sys.executable, str(HERE / "pysnow_client.py")]),
    "PyPI jira (Jira, REST v2)": ("jira", [sys.executable, str(HERE / "jira_client.py")]),
    "npm jira.js (Jira v2 and v3, JSM)": ("jira", ["node", str(HERE / "jira-js" / "client.mjs")]),
}
SECONDS_MAX = 120


def main(program):
    failed = []
    with Practice(program) as platforms:
        for name, (platform, command) in CLIENTS.items():
            begun, site = time.monotonic(), platforms[platform]
            # Through the environment, so that no secret stands in a list of processes. No proxy: it is this computer.
            environment = {**os.environ, "PRACTICE_URL": site.url, "PRACTICE_USER": site.user,
                           "PRACTICE_SECRET": site.secret, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
            done = subprocess.run(command, env=environment, timeout=SECONDS_MAX, check=False)
            print(f"{name}: {'works' if done.returncode == 0 else 'FAILED'} ({time.monotonic() - begun:.1f} s)", flush=True)
            if done.returncode != 0:
                failed.append(name)
    if failed:
        raise SystemExit(f"CLIENTS FAILED: {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1])
