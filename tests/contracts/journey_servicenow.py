"""ServiceNow as Lockstep and as people use it: every call of the connector, then what people and clients do beside it."""

import urllib.parse

from wire import Caller, form

TABLE = "/api/now/table/"
ROW = "sys_id,number,short_description,state,sys_updated_on,sys_created_on,sys_mod_count,caller_id,comments"


def journey(platform, pairs):
    known = platform.credentials()
    us = Caller(platform, pairs)
    person = Caller(platform, pairs, "amara.osei", "practice-amara.osei")
    reading(us)
    incident = writing(us, person)
    files(us, person, incident)
    refusals(platform, pairs, us, incident)
    beside_the_contract(platform, pairs, us, known)
    person.delete(TABLE + "incident/" + incident)
    us.get(TABLE + "incident/" + incident, status=404)


def reading(us):
    plain = {"sysparm_exclude_reference_link": "true", "sysparm_suppress_pagination_header": "true"}
    page = {"sysparm_query": "sys_updated_on>=2020-01-01 00:00:00^ORDERBYsys_updated_on^ORDERBYsys_id",
            "sysparm_fields": ROW, "sysparm_limit": 5}
    first = us.get(TABLE + "incident", query={**page, **plain}).json()["result"]
    assert len(first) == 5, first
    us.get(TABLE + "incident", query={**page, **plain, "sysparm_offset": 5, "sysparm_no_count": "true"})
    # Every way a value can be shown, with and without links; whole records too.
    for shown in ("false", "true", "all"):
        for links in ("false", "true"):
            how = {"sysparm_display_value": shown, "sysparm_exclude_reference_link": links}
            us.get(TABLE + "incident", query={**how, "sysparm_limit": 4})
            us.get(TABLE + "incident/" + first[0]["sys_id"], query=how)
    us.get(TABLE + "incident", query={"sysparm_limit": 4, "sysparm_offset": 4})
    # By the page's own links to the end.
    seen, path = [], TABLE + "incident?sysparm_query=ORDERBYnumber&sysparm_fields=number&sysparm_limit=10"
    while path:
        answer = us.get(path)
        seen += [row["number"] for row in answer.json()["result"]]
        links = dict((part.split('rel="')[1].rstrip('"'), part.split(">")[0].strip(" <"))
                     for part in answer.headers.get("link", "").split(",") if part)
        path = links["next"].split("://", 1)[1].partition("/")[2] if "next" in links else ""
        path = "/" + path if path else ""
    assert len(seen) == len(set(seen)) == int(answer.headers["x-total-count"]), seen
    us.get(TABLE + "incident", query={"active": "true", "sysparm_limit": 2})
    us.get(TABLE + "incident", query={"sysparm_query": "number=INC9999999"})
    us.get("/api/now/v2/table/incident", query={"sysparm_limit": 1})
    us.send("HEAD", TABLE + "incident", query={"sysparm_limit": 1})
    for table in ("sys_user", "sys_user_group", "sys_choice", "sys_dictionary", "sys_db_object", "sys_journal_field",
                  "sys_audit_delete", "sys_attachment", "task", "problem", "change_request", "sc_request",
                  "sc_req_item", "sc_task", "sys_user_role", "sys_user_has_role", "sc_cat_item", "task_sla"):
        us.get(TABLE + table, query={"sysparm_limit": 3})


def writing(us, person):
    made = us.post(TABLE + "incident", {
        "short_description": "Badge reader offline", "description": "Door 3", "impact": "2", "urgency": "2",
        "correlation_id": "contract-1", "contact_type": "phone", "comments": "A first comment",
        "work_notes": "An internal note",
    }, query={"sysparm_fields": ROW, "sysparm_exclude_reference_link": "true"}).json()["result"]
    incident = made["sys_id"]
    assert made["short_description"] == "Badge reader offline" and made["comments"] == ""
    whole = person.post(TABLE + "incident", {"short_description": "As a person"}).json()["result"]
    person.delete(TABLE + "incident/" + whole["sys_id"])
    path = TABLE + "incident/" + incident
    us.send("PATCH", path, json_body={"state": "2", "comments": "Under way"}, query={"sysparm_fields": ROW})
    us.put(path, {"short_description": "Badge reader offline, door 3"})
    us.send("PATCH", path, json_body={"state": "On Hold", "hold_reason": "Awaiting Vendor"},
            query={"sysparm_input_display_value": "true", "sysparm_display_value": "all"})
    # A client without PATCH.
    us.post(path, {"urgency": "1"}, headers={"X-HTTP-Method-Override": "PATCH"})
    us.send("PATCH", path, json_body={"state": "6", "close_code": "Solution provided", "close_notes": "Reset"})
    journal = us.get(TABLE + "sys_journal_field", query={
        "sysparm_query": f"element_id={incident}^elementINcomments,work_notes^ORDERBYsys_created_on",
        "sysparm_fields": "sys_id,element,value,sys_created_on,sys_created_by,element_id"}).json()["result"]
    assert {(row["element"], row["value"]) for row in journal} >= {
        ("comments", "A first comment"), ("comments", "Under way"), ("work_notes", "An internal note")}, journal
    read = us.get(path, query={"sysparm_exclude_reference_link": "true"}).json()["result"]
    assert (read["state"], read["urgency"], read["comments"]) == ("6", "1", ""), read
    return incident


def files(us, person, incident):
    place = {"table_name": "incident", "table_sys_id": incident}
    sent = us.send("POST", "/api/now/attachment/file", query={**place, "file_name": "Inês.txt"}, body=b"one", kind="text/plain")
    first = sent.json()["result"]["sys_id"]
    body, kind = form([("table_name", None, None, b"incident"), ("table_sys_id", None, None, incident.encode()),
                       ("uploadFile", "two.bin", "application/octet-stream", bytes(range(256)))])
    second = us.send("POST", "/api/now/attachment/upload", body=body, kind=kind).json()["result"]["sys_id"]
    found = us.get("/api/now/attachment", query={
        "sysparm_query": f"table_name=incident^table_sys_id={incident}^ORDERBYsys_created_on", "sysparm_limit": 50,
        "sysparm_offset": 0}).json()["result"]
    assert {row["sys_id"] for row in found} == {first, second}, found
    assert us.get("/api/now/attachment/" + first).json()["result"]["file_name"] == "Inês.txt"
    read = us.get(f"/api/now/attachment/{second}/file", headers={"Accept": "*/*"})
    assert read.body == bytes(range(256))
    us.delete("/api/now/attachment/" + first)
    us.get("/api/now/attachment/" + first, status=404)
    person.delete("/api/now/attachment/" + second)


def refusals(platform, pairs, us, incident):
    path = TABLE + "incident"
    Caller(platform, pairs, anonymous=True).get(path, status=401)
    Caller(platform, pairs, platform.user, "wrong").get(path, status=401)
    us.get(TABLE + "no_such_table", status=400)
    us.get(path + "/" + "0" * 32, status=404)
    us.send("PATCH", path + "/" + "0" * 32, json_body={"urgency": "1"}, status=404)
    us.delete(path + "/" + incident, status=403)
    us.post(path, {"short_description": "x", "state": "6"}, status=403)
    us.send("POST", path, body=b"{", kind="application/json", status=400)
    us.send("POST", path, body=b"{}", status=400)
    us.send("POST", path, body=b"short_description=x", kind="application/x-www-form-urlencoded", status=415)
    us.get(path, headers={"Accept": "image/png"}, status=406)
    us.send("POST", "/api/now/attachment/file", query={"table_name": "incident"}, body=b"x", kind="text/plain", status=400)
    us.get("/api/now/no/such/api", status=400)


def beside_the_contract(platform, pairs, us, known):
    """What the connector uses and no machine-readable contract describes."""
    us.get("/api/now/doc/table/schema")
    us.get("/api/now/ui/meta/incident")
    us.get("/api/now/stats/incident", query={"sysparm_count": "true"})
    us.post("/api/now/v1/batch", {"batch_request_id": "1", "rest_requests": [
        {"id": "1", "url": "/api/now/table/incident?sysparm_limit=1", "method": "GET"}]})
    items = us.get("/api/sn_sc/servicecatalog/items", query={"sysparm_limit": 5}).json()["result"]
    laptop = next(item for item in items if item["name"] == "Laptop")["sys_id"]
    us.get("/api/sn_sc/servicecatalog/items/" + laptop)
    us.post(f"/api/sn_sc/servicecatalog/items/{laptop}/order_now", {
        "sysparm_quantity": "1", "variables": {"laptop_model": "13 inch"}})
    grant = {"grant_type": "password", **known["oauth_client"], "username": platform.user, "password": platform.secret}
    token = Caller(platform, pairs, anonymous=True).send(
        "POST", "/oauth_token.do", body=urllib.parse.urlencode(grant).encode(), kind="application/x-www-form-urlencoded").json()
    bearer = Caller(platform, pairs, anonymous=True)
    bearer.sign_in = "Bearer " + token["access_token"]
    bearer.get(TABLE + "incident", query={"sysparm_limit": 1})
