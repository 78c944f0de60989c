"""Runs `lockstep` end to end against the practice platforms while they record, and gives the traffic of its connectors."""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import journey_jira
import wire

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "example.toml"
CONNECTION = "Incidents"
SECONDS_MAX = 300


def run(program, platforms):
    """Pairs by platform."""
    with tempfile.TemporaryDirectory(prefix="lockstep-contracts-") as folder:
        return Lockstep(program, Path(folder)).run(platforms)


class Lockstep:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def call(self, *arguments, stdin=""):
        environment = {**os.environ, "LOCKSTEP_DATA_DIR": str(self.folder / "data"), "NO_COLOR": "1"}
        done = subprocess.run([self.program, *arguments], input=stdin, text=True, capture_output=True, env=environment,
                              timeout=SECONDS_MAX, check=False)
        if done.returncode != 0:
            told = (done.stdout + done.stderr)[-2_000:]
            raise SystemExit(f"lockstep {' '.join(arguments)}: code {done.returncode}\n{told}")
        return done.stdout

    def run(self, platforms):
        text = EXAMPLE.read_text(encoding="utf-8")
        config = self.folder / "config.toml"
        accounts = {}
        for name, platform in platforms.items():
            account = re.search(rf'name = "([^"]+)"\nplatform = "{name}"\naddress = "([^"]+)"', text)
            accounts[name] = account[1]
            text = text.replace(f'address = "{account[2]}"', f'address = "{platform.url}"')
        config.write_text(text, encoding="utf-8")
        self.call("config", "check", str(config))
        self.call("config", "import", str(config))
        for platform in platforms.values():
            platform.control("DELETE", "log")
            platform.control("PUT", "recording", {"on": True})
        for name, platform in platforms.items():
            self.call("account", "sign-in", accounts[name], stdin=platform.secret + "\n")
            self.call("account", "test", accounts[name])
        self.call("connection", "check", CONNECTION)
        self.call("run", CONNECTION, "--since", "all", "--yes")
        self.edit(platforms)
        # Now there are tickets on both sides: updates, comments and files travel as well.
        self.call("run", CONNECTION, "--yes")
        pairs = {}
        for name, platform in platforms.items():
            platform.control("PUT", "recording", {"on": False})
            pairs[name] = [pair for pair in wire.recorded(platform, "lockstep") if not pair.path.startswith("/_practice/")]
        return pairs

    @staticmethod
    def edit(platforms):
        """As people would, on both sides."""
        ours = []
        agent = wire.Caller(platforms["servicenow"], ours, "amara.osei", "practice-amara.osei")
        incident = "/api/now/table/incident"
        first = agent.get(incident, query={"sysparm_query": "active=true^ORDERBYnumber", "sysparm_limit": 1}).json()["result"][0]
        agent.send("PATCH", f"{incident}/{first['sys_id']}", json_body={
            "short_description": "Renamed by a person", "comments": "Said by a person", "work_notes": "Noted by a person"})
        agent.send("POST", "/api/now/attachment/file", body=b"note", kind="text/plain", query={
            "table_name": "incident", "table_sys_id": first["sys_id"], "file_name": "note.txt"})
        secrets = {entry["user"]: entry["secret"] for entry in platforms["jira"].credentials()["people"]}
        person = wire.Caller(platforms["jira"], ours, journey_jira.PERSON, secrets[journey_jira.PERSON])
        api = journey_jira.API
        made = person.post(f"{api}/issue", {"fields": journey_jira.fields("Born in Jira", priority={"id": "3"})}).json()["id"]
        person.post(f"{api}/issue/{made}/comment", {"body": journey_jira.document("Said in Jira")})
        body, kind = wire.form([("file", "from-jira.txt", "text/plain", b"from Jira")])
        person.send("POST", f"{api}/issue/{made}/attachments", body=body, kind=kind, headers={"X-Atlassian-Token": "no-check"})
        time.sleep(journey_jira.INDEX_SECONDS)
