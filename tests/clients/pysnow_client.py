"""PyPI pysnow, as its documentation says to use it: what is written reads back equal."""

import os
import tempfile
import urllib.parse
from pathlib import Path

import pysnow
import requests

host = urllib.parse.urlsplit(os.environ["PRACTICE_URL"]).netloc
client = pysnow.Client(host=host, user=os.environ["PRACTICE_USER"], password=os.environ["PRACTICE_SECRET"], use_ssl=False)
client.parameters.exclude_reference_link = True
incidents = client.resource(api_path="/table/incident")
TITLE = "Badge reader offline – Tür 3 🖨 ^ORactive=true"


def same(read, wanted):
    assert read == wanted, f"{read!r} where {wanted!r} was wanted"


# Create, and read back by id, by query and by a query builder.
made = incidents.create(payload={"short_description": TITLE, "description": "line one\nline two", "urgency": "2", "impact": "2",
                                 "correlation_id": "pysnow-1", "comments": "From pysnow"}).one()
number = made["number"]
for query in ({"sys_id": made["sys_id"]}, {"number": number}, f"number={number}",
              pysnow.QueryBuilder().field("number").equals(number).AND().field("urgency").equals("2")):
    read = incidents.get(query=query).one()
    same((read["short_description"], read["description"], read["urgency"]), (TITLE, "line one\nline two", "2"))
    same(read["comments"], "")

# Update, through the resource and through an answer.
same(incidents.update(query={"number": number}, payload={"urgency": "1", "state": "2"}).one()["state"], "2")
incidents.get(query={"number": number}).update({"short_description": TITLE + "!"})
same(incidents.get(query={"number": number}).one()["short_description"], TITLE + "!")

# Display values, and the journal in its own table.
incidents.parameters.display_value = True
same(incidents.get(query={"number": number}).one()["state"], "In Progress")
incidents.parameters.display_value = False
journal = client.resource(api_path="/table/sys_journal_field")
same([row["value"] for row in journal.get(query={"element_id": made["sys_id"]}).all()], ["From pysnow"])

# Pages by limit and offset, buffered and streamed.
everything = incidents.get(query="ORDERBYnumber", fields=["number"])
numbers = [row["number"] for row in everything.all()]
same(len(numbers), int(everything.headers["X-Total-Count"]))
few = incidents.get(query="ORDERBYnumber", fields=["number"], limit=3, offset=2)
same([row["number"] for row in few.all()], numbers[2:5])
streamed = incidents.get(query="ORDERBYnumber", fields=["number"], stream=True)
same([row["number"] for row in streamed.all()], numbers)

# Files.
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "note.txt"
    file.write_bytes(b"a note")
    incidents.attachments.upload(sys_id=made["sys_id"], file_path=str(file))
files = list(incidents.attachments.get(sys_id=made["sys_id"]))
same([(row["file_name"], row["size_bytes"]) for row in files], [("note.txt", "6")])
path = urllib.parse.urlsplit(files[0]["download_link"]).path.removeprefix("/api/now")
same(client.resource(api_path=path).get(stream=True)._response.content, b"a note")
incidents.attachments.delete(files[0]["sys_id"])
same(list(incidents.attachments.get(sys_id=made["sys_id"])), [])

# Failures arrive as pysnow's own.
try:
    client.resource(api_path="/table/no_such_table").get(query={}).all()
    raise AssertionError("a table that does not exist was read")
except requests.HTTPError as error:
    same((error.response.status_code, error.response.json()["error"]["message"]), (400, "Invalid table no_such_table"))
try:
    incidents.get(query={"number": "INC9999999"}).one()
    raise AssertionError("a ticket that does not exist was read")
except pysnow.exceptions.NoResults:
    pass
