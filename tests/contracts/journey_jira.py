"""Jira and JSM as Lockstep and as people use them: every call of the connector, then what people and clients do beside it."""

import time

from wire import Caller, form

API = "/rest/api/3"
DESK = "/rest/servicedeskapi"
MARKER = "net.lockstep"
HISTORY = {"type": "lockstep", "description": "Lockstep"}
CUSTOMER = "pia.lindqvist@harborline.example"
PERSON = "elin.sandberg@corvane.example"
ADMIN = "amara.osei@corvane.example"
# A search finds what was written only later; the practice site takes two seconds.
INDEX_SECONDS = 2.2


def document(text):
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]}


def journey(platform, pairs):
    secrets = {entry["user"]: entry["secret"] for entry in platform.credentials()["people"]}
    us = Caller(platform, pairs)
    person = Caller(platform, pairs, PERSON, secrets[PERSON])
    admin = Caller(platform, pairs, ADMIN, secrets[ADMIN])
    customer = Caller(platform, pairs, CUSTOMER, secrets[CUSTOMER])
    people = discovery(us)
    issue = writing(us, person, people)
    comments(us, person, issue)
    files(us, person, issue)
    time.sleep(INDEX_SECONDS)
    finding(us, person, issue)
    beside_the_connector(us, person, issue)
    refusals(platform, pairs, us, person, issue)
    desk(us, person, customer, platform, pairs)
    admin.delete(f"{API}/issue/{issue}")
    us.get(f"{API}/issue/{issue}", status=404)


def discovery(us):
    us.get("/_edge/tenant_info")
    us.get(f"{API}/serverInfo")
    me = us.get(f"{API}/myself").json()
    projects = us.get(f"{API}/project/search", query={"startAt": 0, "maxResults": 50, "orderBy": "key", "expand": "issueTypes"}).json()
    us.get(f"{API}/project/search", query={"startAt": 1, "maxResults": 1, "expand": "lead,insight,description"})
    for project in projects["values"]:
        us.get(f"{API}/project/{project['id']}")
        us.get(f"{API}/project/{project['key']}/statuses")
        kinds = us.get(f"{API}/issue/createmeta/{project['key']}/issuetypes").json()["issueTypes"]
        for kind in kinds:
            us.get(f"{API}/issue/createmeta/{project['key']}/issuetypes/{kind['id']}", query={"startAt": 0, "maxResults": 200})
        us.get(f"{API}/mypermissions", query={
            "projectId": project["id"], "permissions": "BROWSE_PROJECTS,CREATE_ISSUES,EDIT_ISSUES,ADD_COMMENTS,TRANSITION_ISSUES"})
    for path in ("field", "resolution", "priority", "status", "issuetype", "attachment/meta", "statuscategory"):
        us.get(f"{API}/{path}")
    found = us.get(f"{API}/user/search", query={"query": PERSON, "maxResults": 50}).json()
    us.get(f"{API}/user/bulk", query={"maxResults": 200, "accountId": [me["accountId"], found[0]["accountId"]]})
    us.get(f"{API}/user/assignable/search", query={"project": "CSD", "query": "a", "maxResults": 20})
    return me["accountId"], found[0]["accountId"]


def fields(title, **more):
    return {"project": {"key": "CSD"}, "issuetype": {"id": "10101"}, "summary": title, **more}


def writing(us, person, people):
    own, other = people
    properties = [{"key": MARKER, "value": {"v": 1, "pair": "contract"}}]
    made = us.post(f"{API}/issue", {
        "fields": fields("Badge reader offline", description=document("Door 3"), priority={"id": "2"}, labels=["contract"],
                         reporter={"id": other}, components=[{"id": "10001"}], duedate="2027-01-31",
                         customfield_10040="INC0010001", customfield_10041={"id": "10020"},
                         customfield_10042="2026-11-20T09:31:07.000+0000"),
        "properties": properties, "historyMetadata": HISTORY}).json()
    us.post(f"{API}/issue/bulk", {"issueUpdates": [
        {"fields": fields(f"One of several {n}", labels=["contract"]), "properties": properties} for n in (1, 2)]})
    issue = made["id"]
    path = f"{API}/issue/{issue}"
    us.put(path, {"fields": {"summary": "Badge reader offline, door 3", "priority": {"id": "1"}}, "historyMetadata": HISTORY,
                  "properties": properties}, query={"returnIssue": "true"})
    us.put(path, {"update": {"labels": [{"add": "late"}, {"remove": "contract"}, {"add": "contract"}]}}, status=204)
    person.put(f"{path}/assignee", {"accountId": own}, status=204)
    us.get(f"{path}/editmeta")
    for target in ("3", "5"):
        steps = us.get(f"{path}/transitions", query={"expand": "transitions.fields"}).json()["transitions"]
        step = next(step for step in steps if step["to"]["id"] == target)
        body = {"transition": {"id": step["id"]}, "historyMetadata": HISTORY}
        if target == "5":
            body["fields"] = {"resolution": {"id": "10000"}, "customfield_10044": document("Reset")}
        us.post(f"{path}/transitions", body, status=204)
    us.put(f"{path}/properties/{MARKER}", {"v": 1, "pair": "contract", "own": issue})
    us.put(f"{path}/properties/contract.extra", [1, 2])
    us.get(f"{path}/properties")
    us.get(f"{path}/properties/{MARKER}")
    us.delete(f"{path}/properties/contract.extra", status=204)
    us.get(path, query={"fields": "*all", "expand": "names,schema,renderedFields,transitions,editmeta,changelog,operations",
                        "properties": MARKER})
    us.get(path, query={"fields": "summary,status", "properties": MARKER, "updateHistory": "false"})
    us.get(path)
    return issue


def comments(us, person, issue):
    path = f"{API}/issue/{issue}/comment"
    properties = [{"key": MARKER, "value": {"v": 1, "copy_of": "x"}}, {"key": "sd.public.comment", "value": {"internal": True}}]
    first = us.post(path, {"body": document("A copy"), "properties": properties}).json()["id"]
    second = person.post(path, {"body": document("As a person")}).json()["id"]
    us.get(path, query={"startAt": 0, "maxResults": 100, "orderBy": "created", "expand": "properties"})
    us.get(path, query={"orderBy": "-created", "expand": "renderedBody,properties", "maxResults": 1, "startAt": 1})
    us.get(f"{path}/{first}")
    us.put(f"{path}/{first}", {"body": document("A better copy"), "properties": properties})
    us.post(f"{API}/comment/list", {"ids": [int(first), int(second)]}, query={"expand": "properties"})
    us.get(f"{API}/comment/{first}/properties")
    us.get(f"{API}/comment/{first}/properties/{MARKER}")
    us.put(f"{API}/comment/{first}/properties/contract.extra", {"a": 1})
    us.delete(f"{API}/comment/{first}/properties/contract.extra", status=204)
    us.delete(f"{path}/{first}", headers={"Content-Type": "application/json"}, status=204)


def files(us, person, issue):
    body, kind = form([("file", "Inês.txt", "text/plain", b"one"), ("file", "dot.png", "image/png", b"\x89PNG\r\n\x1a\n")])
    path = f"{API}/issue/{issue}/attachments"
    made = us.send("POST", path, body=body, kind=kind, headers={"X-Atlassian-Token": "no-check"}).json()
    assert [each["filename"] for each in made] == ["Inês.txt", "dot.png"], made
    first, second = (each["id"] for each in made)
    us.get(f"{API}/attachment/{first}")
    read = us.get(f"{API}/attachment/content/{first}", query={"redirect": "false"}, headers={"Accept": "*/*"})
    assert read.body == b"one"
    us.get(f"{API}/attachment/content/{first}", query={"redirect": "false"}, headers={"Accept": "*/*", "Range": "bytes=0-1"}, status=206)
    us.get(f"{API}/attachment/content/{first}", headers={"Accept": "*/*"}, status=303)
    us.get(f"{API}/attachment/thumbnail/{second}", query={"redirect": "false"}, headers={"Accept": "*/*"})
    us.get(f"{API}/issue/{issue}", query={"fields": "attachment,comment"})
    us.delete(f"{API}/attachment/{first}", status=204)
    person.delete(f"{API}/attachment/{second}", status=204)


def finding(us, person, issue):
    jql = 'project = "CSD" AND updated >= "2020-01-01" ORDER BY updated ASC, key ASC'
    page = {"jql": "project = CSD ORDER BY key", "maxResults": 7, "fields": ["summary", "status", "updated"], "properties": [MARKER]}
    seen = []
    while True:
        answer = us.post(f"{API}/search/jql", page).json()
        seen += [each["id"] for each in answer["issues"]]
        if "nextPageToken" not in answer:
            break
        page["nextPageToken"] = answer["nextPageToken"]
    assert issue in seen and len(seen) == len(set(seen)), seen
    us.post(f"{API}/search/jql", {"jql": jql, "fields": ["*all"], "maxResults": 100})
    us.post(f"{API}/search/jql", {"jql": jql, "maxResults": 3})
    us.post(f"{API}/search/jql", {"jql": jql, "fields": ["*navigable"], "expand": "names,schema,changelog", "maxResults": 5})
    us.post(f"{API}/search/jql", {"jql": "labels = contract", "fields": ["summary"], "reconcileIssues": [int(issue)]})
    us.get(f"{API}/search/jql", query={"jql": "labels = contract", "fields": "summary,comment", "maxResults": 5})
    us.post(f"{API}/search/approximate-count", {"jql": "project = CSD"})
    us.post(f"{API}/jql/parse", {"queries": ["project = CSD", "nonsense !!"]}, query={"validation": "strict"})
    us.post(f"{API}/jql/match", {"issueIds": [int(issue)], "jqls": ["labels = contract"]})
    us.post(f"{API}/issue/bulkfetch", {"issueIdsOrKeys": [issue, "OPS-1", "999999"], "fields": ["*all"], "properties": [MARKER]})
    us.post(f"{API}/issue/bulkfetch", {"issueIdsOrKeys": [issue], "fields": ["summary"], "expand": ["changelog", "renderedFields"]})
    histories = us.get(f"{API}/issue/{issue}/changelog", query={"startAt": 0, "maxResults": 100}).json()["values"]
    assert histories
    us.post(f"{API}/issue/{issue}/changelog/list", {"changelogIds": [int(histories[0]["id"])]})
    us.post(f"{API}/changelog/bulkfetch", {"issueIdsOrKeys": [issue], "fieldIds": ["status"], "maxResults": 1000})


def beside_the_connector(us, person, issue):
    """What people's browsers and other clients ask for."""
    person.get(f"{API}/project")
    person.get(f"{API}/project/CSD/components")
    person.get(f"{API}/project/CSD/versions")
    person.get(f"{API}/priority/search")
    person.get(f"{API}/resolution/search")
    person.get(f"{API}/label")
    person.get(f"{API}/field/search", query={"maxResults": 50})
    person.get(f"{API}/issueLinkType")
    person.get(f"{API}/configuration")
    person.get(f"{API}/issuetype/project", query={"projectId": "10001"})
    person.get(f"{API}/issue/createmeta", query={"projectKeys": "CSD", "expand": "projects.issuetypes.fields"})
    person.get(f"{API}/users/search", query={"maxResults": 5})
    person.get(f"{API}/groupuserpicker", query={"query": "a"})
    person.get(f"{API}/permissions")
    person.post(f"{API}/permissions/check", {"projectPermissions": [{"permissions": ["EDIT_ISSUES"], "projects": [10001]}]})
    me = person.get(f"{API}/myself", query={"expand": "groups,applicationRoles"}).json()
    person.get(f"{API}/user", query={"accountId": me["accountId"]})
    person.get(f"{API}/user/assignable/multiProjectSearch", query={"projectKeys": "CSD", "query": "a"})
    link = f"{API}/issue/{issue}/remotelink"
    body = {"globalId": "lockstep=1", "object": {"url": "https://corvane.example/INC1", "title": "INC1"}}
    number = person.post(link, body).json()["id"]
    person.get(link)
    person.get(f"{link}/{number}")
    person.put(f"{link}/{number}", {**body, "relationship": "mirrors"}, status=204)
    person.delete(f"{link}/{number}", headers={"Content-Type": "application/json"}, status=204)


def refusals(platform, pairs, us, person, issue):
    nobody = Caller(platform, pairs, anonymous=True)
    wrong = Caller(platform, pairs, platform.user, "wrong")
    for caller in (nobody, wrong):
        caller.get(f"{API}/myself", status=401)
        caller.get(f"{API}/project/search")
        caller.post(f"{API}/search/jql", {"jql": "project = CSD"})
        caller.get(f"{API}/issue/{issue}", status=404)
        caller.post(f"{API}/issue", {"fields": fields("x")}, status=401)
    us.get(f"{API}/issue/CSD-99999", status=404)
    us.post(f"{API}/issue", {"fields": {"project": {"key": "CSD"}, "issuetype": {"id": "10101"}}}, status=400)
    us.post(f"{API}/issue", {"fields": fields("x", no_such_field=1)}, status=400)
    us.put(f"{API}/issue/{issue}", {"fields": {"summary": ""}}, status=400)
    us.post(f"{API}/issue/{issue}/transitions", {"transition": {"id": "9999"}}, status=400)
    us.post(f"{API}/issue/{issue}/comment", {"body": document("")}, status=400)
    us.post(f"{API}/search/jql", {"jql": ""}, status=400)
    us.post(f"{API}/search/jql", {"jql": "project = NOPE"}, status=400)
    us.get(f"{API}/search", query={"jql": "project = CSD"}, status=410)
    us.delete(f"{API}/issue/{issue}", status=403)
    us.get(f"{API}/project/NOPE", status=404)
    us.get(f"{API}/user", query={"accountId": "none"}, status=404)
    us.get(f"{API}/attachment/99999999", status=404)
    us.get(f"{API}/issue/{issue}/properties/none", status=404)


def desk(us, person, customer, platform, pairs):
    Caller(platform, pairs, anonymous=True).get(f"{DESK}/servicedesk", status=401)
    us.get(f"{DESK}/info")
    us.get(f"{DESK}/servicedesk", query={"start": 0, "limit": 1})
    us.get(f"{DESK}/servicedesk/1")
    kinds = us.get(f"{DESK}/servicedesk/1/requesttype", query={"start": 0, "limit": 100}).json()["values"]
    us.get(f"{DESK}/servicedesk/1/requesttype", query={"limit": 1, "expand": "field"})
    for kind in kinds:
        us.get(f"{DESK}/servicedesk/1/requesttype/{kind['id']}")
        us.get(f"{DESK}/servicedesk/1/requesttype/{kind['id']}/field")
    us.get(f"{DESK}/requesttype")
    us.get(f"{DESK}/servicedesk/1/queue")
    us.get(f"{DESK}/servicedesk/1/organization")
    us.get(f"{DESK}/servicedesk/1/customer", headers={"X-ExperimentalApi": "opt-in"})
    us.get(f"{DESK}/organization")
    body = {"serviceDeskId": "1", "requestTypeId": kinds[0]["id"],
            "requestFieldValues": {"summary": "Printer offline", "description": "Third floor"}}
    us.post(f"{DESK}/request", body)
    made = customer.post(f"{DESK}/request", body).json()
    path = f"{DESK}/request/{made['issueId']}"
    for caller in (us, customer):
        caller.get(path, query={"expand": "participant,comment,sla,status,serviceDesk,requestType"})
        caller.get(f"{path}/status")
        caller.get(f"{path}/transition")
        caller.get(f"{path}/participant")
    us.get(f"{API}/issue/{made['issueId']}", query={"fields": "*all"})
    said = us.post(f"{path}/comment", {"body": "Under *way*", "public": True}).json()["id"]
    us.post(f"{path}/comment", {"body": "For us alone", "public": False})
    customer.post(f"{path}/comment", {"body": "Thank you", "public": True})
    assert len(us.get(f"{path}/comment", query={"start": 0, "limit": 50}).json()["values"]) == 3
    assert len(customer.get(f"{path}/comment").json()["values"]) == 2
    us.get(f"{path}/comment/{said}")
    us.get(f"{path}/sla")
    us.get(f"{path}/sla/1")
    content, kind = form([("file", "note.txt", "text/plain", b"note")])
    temporary = customer.send("POST", f"{DESK}/servicedesk/1/attachTemporaryFile", body=content, kind=kind,
                              headers={"X-Atlassian-Token": "no-check", "X-ExperimentalApi": "opt-in"}).json()
    name = temporary["temporaryAttachments"][0]["temporaryAttachmentId"]
    customer.post(f"{path}/attachment", {"temporaryAttachmentIds": [name], "public": True, "additionalComment": {"body": "See this"}})
    us.get(f"{path}/attachment")
    whom = person.get(f"{API}/myself").json()["accountId"]
    us.post(f"{path}/participant", {"accountIds": [whom]})
    us.delete(f"{path}/participant", json_body={"accountIds": [whom]})
    step = customer.get(f"{path}/transition").json()["values"]
    if step:
        customer.post(f"{path}/transition", {"id": step[0]["id"], "additionalComment": {"body": "No longer"}})
    customer.get(f"{DESK}/request", query={"start": 0, "limit": 10})
    us.get(f"{DESK}/request/999999", status=404)
    us.get(f"{DESK}/servicedesk/77", status=404)
    us.post(f"{DESK}/request", {"serviceDeskId": "1", "requestTypeId": kinds[0]["id"], "requestFieldValues": {}}, status=400)
