"""PyPI jira, as its documentation says to use it (it speaks REST v2): what is written reads back equal."""

import io
import os
import time

from jira import JIRA, JIRAError

URL, USER, TOKEN = (os.environ[f"PRACTICE_{name}"] for name in ("URL", "USER", "SECRET"))
client = JIRA(server=URL, basic_auth=(USER, TOKEN), max_retries=0)
TITLE = "Badge reader offline – Tür 3 🖨"
TEXT = "First line\n\nSecond *bold* line"
# A search finds what was written only later, as on a real site.
INDEX_SECONDS = 2.2


def same(read, wanted):
    assert read == wanted, f"{read!r} where {wanted!r} was wanted"


same(client.server_info()["deploymentType"], "Cloud")
me = client.myself()
same(me["emailAddress"], USER)
assert {"CSD", "OPS", "LAB"} <= {project.key for project in client.projects()}
assert any(field["id"] == "summary" for field in client.fields())
assert [status.name for status in client.statuses()] and client.priorities() and client.resolutions() and client.issue_types()

# Create, and read back.
issue = client.create_issue(project="CSD", issuetype={"name": "Incident"}, summary=TITLE, description=TEXT,
                            priority={"name": "High"}, labels=["pypi"], components=[{"name": "Network"}])
read = client.issue(issue.key)
same((read.fields.summary, read.fields.priority.name, read.fields.labels), (TITLE, "High", ["pypi"]))
same(read.fields.description, TEXT)
same([each.name for each in read.fields.components], ["Network"])
same(read.fields.reporter.accountId, me["accountId"])
several = client.create_issues([{"project": {"key": "CSD"}, "issuetype": {"name": "Incident"}, "summary": f"Of several {n}"}
                                for n in (1, 2)])
same([each["status"] for each in several], ["Success", "Success"])

# Update in both ways, assign, and walk the workflow.
issue.update(summary=TITLE + "!", fields={"labels": ["pypi", "second"]})
issue.update(update={"labels": [{"add": "third"}]})
person = client.search_users(query="elin.sandberg@corvane.example")[0]
client.assign_issue(issue, person.accountId)
read = client.issue(issue.key, expand="changelog,renderedFields")
same((read.fields.summary, sorted(read.fields.labels)), (TITLE + "!", ["pypi", "second", "third"]))
same(read.fields.assignee.accountId, person.accountId)
assert len(read.changelog.histories) >= 3
step = next(step for step in client.transitions(issue) if step["to"]["name"] == "In Progress")
client.transition_issue(issue, step["id"])
same(client.issue(issue.key, fields="status").fields.status.name, "In Progress")

# Comments.
first = client.add_comment(issue, "For everybody")
second = client.add_comment(issue, "For us alone", is_internal=True)
first.update(body="For everybody, better")
same([each.body for each in client.comments(issue)], ["For everybody, better", "For us alone"])
same(client.comment(issue, second.id).body, "For us alone")
second.delete()
same(len(client.comments(issue)), 1)

# Files, properties and links to elsewhere.
file = client.add_attachment(issue, attachment=io.BytesIO(b"a note"), filename="Inês.txt")
same((file.filename, file.size), ("Inês.txt", 6))
same(client.attachment(file.id).get(), b"a note")
same([each.filename for each in client.issue(issue.key).fields.attachment], ["Inês.txt"])
client.delete_attachment(file.id)
client.add_issue_property(issue, "pypi.marker", {"pair": 1})
same(client.issue_property(issue, "pypi.marker").value.pair, 1)
link = client.add_simple_link(issue, {"url": "https://corvane.example/INC1", "title": "INC1"})
same([each.id for each in client.remote_links(issue)], [link.id])

# Searches: by pages of a token, since the old search is gone.
time.sleep(INDEX_SECONDS)
found = client.enhanced_search_issues("labels = pypi ORDER BY key", maxResults=50, fields="summary")
same([each.key for each in found], [issue.key])
everything = client.enhanced_search_issues("project = CSD ORDER BY key", maxResults=0, fields="key")
page = client.enhanced_search_issues("project = CSD ORDER BY key", maxResults=5, fields="key")
same([each.key for each in page], [each.key for each in everything[:5]])
same(client.approximate_issue_count("project = CSD"), len(everything))

# The service desk.
desk = client.service_desks()[0]
kind = client.request_types(desk)[0]
request = client.create_customer_request({"serviceDeskId": desk.id, "requestTypeId": kind.name, "requestFieldValues": {
    "summary": "Asked through PyPI jira", "description": "Third floor"}})
same(client.issue(request.key).fields.summary, "Asked through PyPI jira")

# Failures arrive as the client's own.
for call, status, text in ((lambda: client.issue("CSD-99999"), 404, "does not exist"),
                           (lambda: client.create_issue(project="CSD", issuetype={"name": "Incident"}), 400, "summary")):
    try:
        call()
    except JIRAError as error:
        same(error.status_code, status)
        assert text in error.text.lower() or text in error.text, error.text
    else:
        raise AssertionError(f"{status} was wanted")
