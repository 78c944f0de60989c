"""Shows that the practice platforms answer as the vendors' contracts say.

    check.py CONTRACTS LOCKSTEP RECORDINGS

RECORDINGS is the folder that the journeys of `make test` put their recorded traffic into (LOCKSTEP_RECORDINGS). Besides, a journey over HTTP meets every operation that the connectors use, and those that people and other clients use; then
`lockstep` itself runs end to end against the same platforms while they record. Every pair of request and answer is held
against the contracts. What is accepted all the same stands in deviations.toml, each with its reason; one that nothing
needs any more is refused.
"""

import copy
import fnmatch
import json
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

import cli
import journey_jira
import journey_servicenow
import wire
from jira import Jira
from openapi import OpenApi
from practice import Practice
from servicenow import ServiceNow

# Silence is no success: fewer distinct operations than this, and the journey no longer goes where it should.
OPERATIONS_MIN = {"servicenow": 12, "jira": 75, "jsm": 25}
CONNECTOR_OPERATIONS_MIN = {"servicenow": 6, "jira": 22}
# Fewer requests than this, and it was not the whole journey suite that recorded.
RECORDED_MIN = 5_000
# Of the operations whose answer is JSON, how many must be refused when every value in it is of a wrong type. (Some
# answers may hold anything, such as an entity property.)
REFUSED_PERCENT_MIN = 90
SHOWN_MAX = 60


class Deviations:
    def __init__(self, file):
        self.list = tomllib.loads(file.read_text(encoding="utf-8"))["deviation"]
        self.used = Counter()
        for deviation in self.list:
            missing = {"contract", "operation", "side", "rule", "at", "reason"} - set(deviation)
            if missing or not deviation["reason"].strip():
                raise SystemExit(f"deviations.toml: {deviation} lacks {sorted(missing) or 'a reason'}")

    def accepts(self, finding):
        for number, deviation in enumerate(self.list):
            told = {key: getattr(finding, key) for key in ("contract", "operation", "side", "rule", "at", "message")}
            if all(any(fnmatch.fnmatchcase(told[key], pattern) for pattern in listed(deviation[key]))
                   for key in told if key in deviation):
                self.used[number] += 1
                return True
        return False

    def stale(self):
        return [deviation for number, deviation in enumerate(self.list) if not self.used[number]]


def listed(value):
    return value if isinstance(value, list) else [value]


def contract_of(contracts, platform, path):
    if platform == "servicenow":
        return contracts["servicenow"]
    return contracts["jsm" if path.startswith("/rest/servicedeskapi/") else "jira"]


def bites(contract, samples):
    """Whether the checker can refuse at all: answers that were right are broken and held against the contract again."""
    refused = tried = 0
    for pair in samples.values():
        try:
            body = json.loads(pair.answer_body)
        except ValueError:
            continue
        tried += 1
        broken = copy.copy(pair)
        broken.answer_body = json.dumps(spoilt(body)).encode()
        refused += len(contract.check(broken)[1]) > len(contract.check(pair)[1])
    return tried and refused * 100 >= tried * REFUSED_PERCENT_MIN


def spoilt(value):
    if isinstance(value, dict):
        return {key: spoilt(each) for key, each in value.items()}
    if isinstance(value, list):
        return [spoilt(each) for each in value] or [17]
    return 17 if isinstance(value, str) else "spoilt"


def main(folder, program, recordings):
    begun = time.monotonic()
    contracts = {
        "servicenow": ServiceNow(folder / "servicenow"),
        "jira": Jira("jira", folder / "jira" / "swagger-v3.v3.json", "ErrorCollection"),
        "jsm": OpenApi("jsm", folder / "jira-service-management" / "service-desk-cloud-v3.openapi.json", "ErrorResponse"),
    }
    pairs = {"servicenow": [], "jira": []}
    with Practice(program) as platforms:
        journey_servicenow.journey(platforms["servicenow"], pairs["servicenow"])
        journey_jira.journey(platforms["jira"], pairs["jira"])
        connectors = cli.run(program, platforms)
        for name, more in connectors.items():
            pairs[name] += more
    journeys, recorded_count = wire.kept(recordings)
    if recorded_count < RECORDED_MIN:
        raise SystemExit(f"only {recorded_count} requests of the journeys were recorded in {recordings}")
    for name, more in journeys.items():
        pairs[name] += more

    deviations = Deviations(HERE / "deviations.toml")
    seen, used = ({name: Counter() for name in contracts} for _ in range(2))
    samples, findings = {name: {} for name in contracts}, []
    for platform, known in pairs.items():
        for pair in known:
            contract = contract_of(contracts, platform, pair.path)
            operation, more = contract.check(pair)
            if operation:
                seen[contract.name][operation] += 1
                samples[contract.name].setdefault(operation, pair)
                if pair.source == "lockstep":
                    used[contract.name][operation] += 1
            findings += more
    refused = [finding for finding in findings if not deviations.accepts(finding)]

    groups = {}
    for finding in refused:
        key = (finding.contract, finding.operation, finding.side, finding.rule, finding.at)
        groups.setdefault(key, []).append(finding)
    for (contract, operation, side, rule, at), found in sorted(groups.items())[:SHOWN_MAX]:
        first = found[0]
        print(f"{contract} {operation} {side} {rule} {at!r} x{len(found)} [{first.pair.source}]\n"
              f"    {first.pair.target()[:200]} -> {first.pair.status}\n    {first.message}")
    failures = [f"{len(groups)} kinds of violations"] if groups else []
    for name, minimum in OPERATIONS_MIN.items():
        if len(seen[name]) < minimum:
            failures.append(f"only {len(seen[name])} operations of {name} were met; {minimum} are expected")
    for name, minimum in CONNECTOR_OPERATIONS_MIN.items():
        if len(used[name]) < minimum:
            failures.append(f"the connectors used only {len(used[name])} operations of {name}; {minimum} are expected")
    blind = [name for name, contract in contracts.items() if not bites(contract, samples[name])]
    if blind:
        failures.append(f"broken answers of {blind} were not refused")
    for deviation in deviations.stale():
        failures.append(f"no longer needed in deviations.toml: {deviation['contract']} {deviation['operation']} "
                        f"{deviation['side']} {deviation['rule']} {deviation['at']}")
    for name, operations in seen.items():
        ours = used[name]
        print(f"{name}: {len(operations)} operations, {sum(operations.values())} pairs; of them lockstep's own "
              f"{len(ours)} operations, {sum(ours.values())} pairs")
    print(f"{recorded_count} requests of the journeys were recorded; {sum(map(len, journeys.values()))} of different kinds")
    print(f"{len(deviations.list)} accepted deviations, met {sum(deviations.used.values())} times; "
          f"{time.monotonic() - begun:.1f} s")
    if failures:
        raise SystemExit("CONTRACTS BROKEN: " + "; ".join(failures))
    print("Contracts hold.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
