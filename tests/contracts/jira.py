"""Jira's contract, and what it leaves open of an issue: `fields` holds anything there. Its system fields are held against
the schemas that the same file has for them, and so is the issue that an edit gives back.
"""

import json

from openapi import OpenApi


def of(name):
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema):
    return {"anyOf": [schema, {"type": "null"}]}


def list_of(schema):
    return {"type": "array", "items": schema}


TEXT, STAMP = {"type": "string"}, {"type": "string", "format": "date-time"}
RICH = {
    "type": "object", "required": ["type", "version", "content"],
    "properties": {"type": {"enum": ["doc"]}, "version": {"enum": [1]}, "content": {"type": "array"}},
}
FIELDS = {
    "summary": TEXT, "description": or_null(RICH), "environment": or_null(RICH), "labels": list_of(TEXT),
    "created": STAMP, "updated": STAMP, "resolutiondate": or_null(STAMP),
    "duedate": or_null({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}),
    "assignee": or_null(of("UserDetails")), "reporter": or_null(of("UserDetails")), "creator": of("UserDetails"),
    "status": of("StatusDetails"), "statusCategory": of("StatusCategory"), "priority": or_null(of("Priority")),
    "issuetype": of("IssueTypeDetails"), "project": of("ProjectDetails"), "resolution": or_null(of("Resolution")),
    "components": list_of(of("ProjectComponent")), "attachment": list_of(of("Attachment")),
    "comment": of("PageOfComments"), "subtasks": list_of({"type": "object"}), "issuelinks": list_of({"type": "object"}),
}


class Jira(OpenApi):
    def check(self, pair):
        identity, findings = super().check(pair)
        if pair.status != 200 or identity not in READERS:
            return identity, findings

        def found(side, rule, at, message):
            findings.append(self.finding(identity, side, rule, at, message, pair))

        answer = json.loads(pair.answer_body)
        if identity == "editIssue":
            self.check_json("answer", of("IssueBean"), pair.answer_body, found)
        for issue in answer["issues"] if "issues" in answer else [answer]:
            for name, value in issue.get("fields", {}).items():
                if name in FIELDS:
                    self.check_value("answer", FIELDS[name], value, found, f"fields/{name}")
        return identity, findings


READERS = ("getIssue", "editIssue", "bulkFetchIssues", "searchAndReconsileIssuesUsingJql", "searchAndReconsileIssuesUsingJqlPost")
