"""Holds ServiceNow traffic against the instance's own export (paths, methods, parameters, media types) and against what
the vendor's pages say of bodies, headers and status codes: the export's schemas are empty.
"""

import json
import re
import urllib.parse

from openapi import Finding, media_type

NAME = "servicenow"
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
ID = re.compile(r"[0-9a-f]{32}$")
JOURNALS = ("comments", "work_notes", "comments_and_work_notes")
# c_RESTAPI.md: parameters that many of the APIs have; headers that stand for another method.
HEADING = re.compile(r"^## \w+ - (GET|POST|PUT|PATCH|DELETE) (/now/\S+)\s*$", re.MULTILINE)


class Operation:
    """A path and method, with what export and pages say of it."""

    def __init__(self, method, template):
        self.method, self.template = method, template
        self.pattern = re.compile(re.sub(r"\\{[^/]+?\\}", "([^/]+)", re.escape(template)) + "$")
        self.exported, self.paged, self.statuses = set(), set(), set()
        self.body_types, self.answer_keys, self.required = set(), set(), set()

    def identity(self):
        return f"{self.method} {self.template}"


def operations(folder):
    known = {}

    def of(method, template):
        template = template.replace("\\", "")
        return known.setdefault((method, template), Operation(method, template))

    export = json.loads((folder / "table_latest.json").read_text(encoding="utf-8"))
    for template, item in export["paths"].items():
        for method, described in item.items():
            operation = of(method.upper(), template)
            operation.exported |= {p["name"] for p in described.get("parameters", []) if p["in"] == "query"}
            operation.body_types |= set((described.get("requestBody") or {}).get("content", {}))
    for page in ("c_TableAPI.md", "c_AttachmentAPI.md"):
        text = (folder / page).read_text(encoding="utf-8")
        headings = list(HEADING.finditer(text))
        for at, heading in enumerate(headings):
            section = text[heading.end():headings[at + 1].start() if at + 1 < len(headings) else len(text)]
            operation = of(heading[1], "/api" + heading[2])
            names = section.split("### Supported request parameters")[1].split("### Headers")[0].replace("\\_", "_")
            operation.paged |= set(re.findall(r"<td[^>]*>\s*((?:sysparm_|table_|file_)\w+|encryption_context)", names))
            codes = section.split("### Status codes")[1].split("### Response body")[0]
            operation.statuses |= {int(code) for code in re.findall(r"^\|(\d{3})\|", codes, re.MULTILINE)}
            block = re.search(r'```\n"result": (\{.*?\n\})\n```', section, re.DOTALL)
            if block:
                operation.answer_keys |= set(re.findall(r'"(\w+)": "String"', block[1]))
            elif "/attachment" in heading[2] and heading[1] == "GET" and not heading[2].endswith("file"):
                example = re.search(r"```\n\{\n.*?```", section, re.DOTALL)
                operation.answer_keys |= set(re.findall(r'"(\w+)":\s*"', example[0])) if example else set()
    if len(known) < 12:
        raise RuntimeError(f"the vendor's pages were not understood: only {sorted(known)}")
    return list(known.values())


class ServiceNow:
    """The contract."""

    def __init__(self, folder):
        self.name = NAME
        self.operations = sorted(operations(folder), key=lambda operation: operation.template.count("{"))

    def find(self, method, path):
        # c_RESTAPI.md: a version may stand behind /now; HEAD stands for GET.
        path = re.sub(r"^/api/now/v\d+/", "/api/now/", path)
        method = "GET" if method == "HEAD" else method
        return next((o for o in self.operations if o.method == method and o.pattern.match(path)), None)

    def check(self, pair):
        findings = []

        def found(side, rule, at, message):
            findings.append(Finding(NAME, identity, side, rule, at, message, pair))

        method = pair.request_headers.get("x-http-method-override", pair.method).upper()
        operation = self.find(method, pair.path)
        if operation is None:
            identity = f"{pair.method} {pair.path}"
            found("request", "unknown-operation", "", "no such path or method in the contract")
            return None, findings
        identity = operation.identity()
        query = dict(urllib.parse.parse_qsl(pair.query, keep_blank_values=True))
        if pair.status >= 400:
            self.check_refusal(operation, pair, found)
            return identity, findings
        self.check_request(operation, pair, query, found)
        if pair.status not in operation.statuses:
            found("answer", "status", str(pair.status), f"{pair.status} is not among {sorted(operation.statuses)}")
        if pair.status == 204 or pair.method == "HEAD":
            if pair.answer_body:
                found("answer", "undeclared-body", "", "there is no body after this")
            return identity, findings
        if operation.template.endswith("/{sys_id}/file"):
            if not media_type(pair.answer_headers):
                found("answer", "media-type", "", "a file comes with the type it was stored with")
            return identity, findings
        if media_type(pair.answer_headers) != "application/json":
            found("answer", "media-type", media_type(pair.answer_headers), "JSON was asked for")
            return identity, findings
        self.check_result(operation, pair, query, found)
        return identity, findings

    @staticmethod
    def check_request(operation, pair, query, found):
        table = "/table/" in operation.template
        for name in query:
            if name in operation.exported | operation.paged:
                pass
            elif table and operation.method == "GET" and not name.startswith("sysparm_"):
                continue  # name-value pairs: a column and its value
            else:
                found("request", "undeclared-parameter", name, f"neither export nor page knows {name}")
            if table and name in operation.paged - operation.exported:
                found("request", "not-exported", name, f"{name} stands on the vendor's page, not in the export")
        accept = pair.request_headers.get("accept", "")
        if not accept:
            found("request", "missing-parameter", "Accept", "every request names what it accepts")
        if pair.request_body and operation.body_types and media_type(pair.request_headers) not in operation.body_types:
            found("request", "media-type", media_type(pair.request_headers), f"not among {sorted(operation.body_types)}")

    @staticmethod
    def check_refusal(operation, pair, found):
        if media_type(pair.answer_headers) != "application/json":
            found("answer", "media-type", media_type(pair.answer_headers), "a refusal that is not JSON")
            return
        try:
            body = dict(json.loads(pair.answer_body))
        except (ValueError, TypeError) as error:
            found("answer", "not-json", "", str(error))
            return
        error = body.get("error")
        shape = isinstance(error, dict) and set(error) == {"message", "detail"} and body.get("status") == "failure"
        if not shape or not isinstance(error["message"], str) or not isinstance(error["detail"], (str, type(None))):
            found("answer", "error-shape", "", f"not {{error: {{message, detail}}, status: failure}}: {body}")
        if pair.status == 401 and "www-authenticate" not in pair.answer_headers:
            found("answer", "missing-header", "WWW-Authenticate", "401 names how to sign in")

    def check_result(self, operation, pair, query, found):
        try:
            result = json.loads(pair.answer_body)["result"]
        except (ValueError, KeyError, TypeError) as error:
            found("answer", "not-json", "", f"no `result`: {error}")
            return
        table = "/table/" in operation.template
        is_list = operation.method == "GET" and not operation.template.endswith("{sys_id}")
        if isinstance(result, list) != is_list:
            found("answer", "type", "result", "a list where one was asked for, else one record")
            return
        if not all(isinstance(record, dict) for record in (result if is_list else [result])):
            found("answer", "type", "result", "a record is an object")
            return
        if is_list:
            self.check_list(pair, query, result, table, found)
        if operation.method == "POST":
            # c_TableAPI.md, c_AttachmentAPI.md: 201 names where the new record is.
            location = pair.answer_headers.get("location", "")
            if not location.endswith("/" + (result.get("sys_id") if isinstance(result.get("sys_id"), str) else "")):
                found("answer", "missing-header", "Location", f"Location should lead to the new record: {location!r}")
        for record in result if is_list else [result]:
            if table:
                self.check_record(pair, query, record, found)
            else:
                for key in sorted(operation.answer_keys - set(record)):
                    found("answer", "missing-property", key, "the vendor's page shows this key")
                for key, value in record.items():
                    if not isinstance(value, str):
                        found("answer", "type", key, f"all values are strings: {value!r}")

    @staticmethod
    def check_list(pair, query, rows, table, found):
        total = pair.answer_headers.get("x-total-count")
        if query.get("sysparm_no_count") == "true":
            if total is not None:
                found("answer", "undeclared-header", "X-Total-Count", "sysparm_no_count=true asks for no count")
        elif total is None or not total.isdigit():
            found("answer", "missing-header", "X-Total-Count", f"a list has a count: {total!r}")
        limit, offset = int(query.get("sysparm_limit", 10_000)), int(query.get("sysparm_offset", 0))
        if len(rows) > limit:
            found("answer", "limit", "sysparm_limit", f"{len(rows)} rows where {limit} were asked for")
        if not table:
            return
        links = pair.answer_headers.get("link")
        if query.get("sysparm_suppress_pagination_header") == "true":
            if links:
                found("answer", "undeclared-header", "Link", "sysparm_suppress_pagination_header=true asks for none")
            return
        named = dict((rel, url) for url, rel in re.findall(r'<([^>]+)>;\s*rel="(\w+)"', links or ""))
        if total and total.isdigit() and limit:
            wanted = {"next"} if offset + limit < int(total) else set()
            wanted |= {"prev"} if offset else set()
            wanted |= {"first", "last"} if links or wanted else set()
            if set(named) != wanted:
                found("answer", "missing-header", "Link", f"{sorted(named)} where {sorted(wanted)} are wanted")
        for rel, url in named.items():
            parts = urllib.parse.urlsplit(url)
            asked = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
            kept = {k: v for k, v in query.items() if k != "sysparm_offset"}
            if parts.path != pair.path or not asked.pop("sysparm_offset", "").isdigit() or asked != kept:
                found("answer", "link", rel, f"a link repeats the call with another offset: {url}")

    @staticmethod
    def check_record(pair, query, record, found):
        shown = query.get("sysparm_display_value", "false")
        bare = query.get("sysparm_exclude_reference_link") == "true"
        fields = [name.strip() for name in query.get("sysparm_fields", "").split(",") if name.strip()]
        if fields:
            for key in sorted(set(record) - set(fields)):
                found("answer", "undeclared", key, "sysparm_fields did not ask for it")
        allowed = {"false": {"link", "value"}, "true": {"link", "display_value"},
                   "all": {"link", "value", "display_value"}}[shown]
        for key, value in record.items():
            if isinstance(value, dict):
                texts = all(isinstance(each, str) for each in value.values())
                needed = allowed - {"link"}
                if not texts or not needed <= set(value) <= allowed or (shown != "all" and "link" not in value):
                    found("answer", "type", key, f"not {sorted(allowed)}, all of them texts: {value!r}")
                    continue
                if bare and "link" in value:
                    found("answer", "type", key, f"links were to be left out: {value!r}")
                link = urllib.parse.urlsplit(value.get("link", "")).path
                if link and not re.match(r"/api/now/(v\d+/)?table/\w+/\S+$", link):
                    found("answer", "link", key, f"a reference leads to the record: {value['link']}")
                plain = value.get("value")
            elif not isinstance(value, str):
                found("answer", "type", key, f"all values are strings: {value!r}")
                continue
            elif shown == "all":
                found("answer", "type", key, f"sysparm_display_value=all gives both values: {value!r}")
                continue
            else:
                plain = value if shown == "false" else None
            if plain is None:
                continue
            if key in JOURNALS and plain:
                found("answer", "journal", key, f"a journal field reads as nothing: {plain!r}")
            if key == "sys_id" and not ID.match(plain):
                found("answer", "format", key, f"32 hexadecimal digits: {plain!r}")
            stamps = re.search(r"(^sys_(created|updated)_on|_at)$", key)
            if stamps and plain and not STAMP.match(plain):
                found("answer", "format", key, f"YYYY-MM-DD HH:MM:SS: {plain!r}")
