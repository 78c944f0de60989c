"""Holds requests and answers against an OpenAPI 3.0 file that need not be spec-clean.

The file's schemas become JSON Schema 2020-12: `nullable` becomes a type, and an object that names its properties may have
no others, so that an invented or misspelt property shows (rule `undeclared`) although OpenAPI would let it pass.
"""

import fnmatch
import json
import re
import urllib.parse
from dataclasses import dataclass, field

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@dataclass
class Pair:
    """A request and its answer."""

    method: str
    path: str
    query: str
    request_headers: dict
    request_body: bytes
    status: int
    answer_headers: dict
    answer_body: bytes
    source: str = ""
    # The whole request body is known (the practice log cuts long ones).
    request_whole: bool = True

    def target(self):
        return f"{self.method} {self.path}" + (f"?{self.query}" if self.query else "")


@dataclass
class Finding:
    """One thing in a pair that the contract does not allow."""

    contract: str
    operation: str
    side: str
    rule: str
    at: str
    message: str
    pair: Pair = field(repr=False, default=None)


def media_type(headers):
    return headers.get("content-type", "").split(";")[0].strip().lower()


def as_json_schema(node, inside_all_of=False, shared=frozenset(), pointer=""):
    """The schema with `nullable` and undeclared properties said in JSON Schema's words."""
    if isinstance(node, list):
        return [as_json_schema(each, inside_all_of, shared) for each in node]
    if not isinstance(node, dict):
        return node
    composed = any(key in node for key in ("allOf", "oneOf", "anyOf"))
    out = {}
    for key, value in node.items():
        if key in ("properties", "patternProperties"):
            out[key] = {name: as_json_schema(each, False, shared) for name, each in value.items()}
        elif key in ("allOf", "oneOf", "anyOf"):
            out[key] = as_json_schema(value, key == "allOf", shared)
        elif key in ("items", "additionalProperties", "not"):
            out[key] = as_json_schema(value, False, shared)
        elif key in ("example", "default", "discriminator", "xml", "externalDocs", "nullable"):
            continue
        elif key in ("exclusiveMinimum", "exclusiveMaximum") and isinstance(value, bool):
            if value:
                out[key] = node["m" + key[len("exclusiveM"):]]
        else:
            out[key] = value
    closed = "properties" in out and "additionalProperties" not in out
    if closed and not inside_all_of and pointer not in shared:
        out["unevaluatedProperties" if composed else "additionalProperties"] = False
    if node.get("nullable"):
        if isinstance(out.get("type"), str):
            out["type"] = [out["type"], "null"]
            if "enum" in out and None not in out["enum"]:
                out["enum"] = [*out["enum"], None]
        else:
            out = {"anyOf": [out, {"type": "null"}]}
    return out


def shared_by_all_of(node, found):
    """Names of schemas that others extend; only the extending one knows which properties there are."""
    if isinstance(node, list):
        for each in node:
            shared_by_all_of(each, found)
    elif isinstance(node, dict):
        for part in node.get("allOf", []) if isinstance(node.get("allOf"), list) else []:
            if isinstance(part, dict) and "$ref" in part:
                found.add(part["$ref"].rsplit("/", 1)[1])
        for each in node.values():
            shared_by_all_of(each, found)
    return found


class OpenApi:
    """One contract."""

    def __init__(self, name, file, error_schema):
        self.name = name
        document = json.loads(file.read_text(encoding="utf-8"))
        self.error_schema = error_schema
        shared = shared_by_all_of(document, set())
        schemas = document["components"]["schemas"]
        for key, schema in schemas.items():
            schemas[key] = as_json_schema(schema, False, shared, key)
        self.operations = []
        for template, item in document["paths"].items():
            pattern = re.compile(re.sub(r"\\{[^/]+?\\}", "([^/]+)", re.escape(template)) + "$")
            for method in METHODS:
                if method not in item:
                    continue
                operation = item[method]
                operation["parameters"] = item.get("parameters", []) + operation.get("parameters", [])
                self.operations.append((template.count("{"), method.upper(), pattern, operation, template))
        self.operations.sort(key=lambda known: known[0])
        self.document = document
        resource = DRAFT202012.create_resource({"$defs": {}, "components": document["components"]})
        self.registry = Registry().with_resource("urn:contract", resource)
        self.validators = {}

    def find(self, method, path):
        """The operation, or None; literal paths go before templates."""
        for _, known, pattern, operation, template in self.operations:
            if known == method and pattern.match(path):
                return operation, template
        return None

    def validator(self, schema):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            text = key.replace('"$ref": "#/', '"$ref": "urn:contract#/')
            ready = as_json_schema(json.loads(text))
            self.validators[key] = Draft202012Validator(ready, registry=self.registry, format_checker=FormatChecker())
        return self.validators[key]

    def resolved(self, node):
        while "$ref" in node:
            target = self.document
            for part in node["$ref"][2:].split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def finding(self, *told):
        return Finding(self.name, *told)

    def check(self, pair):
        """The operation's id, and what the contract does not allow."""
        findings = []

        def found(side, rule, at, message):
            findings.append(self.finding(identity, side, rule, at, message, pair))

        known = self.find(pair.method, pair.path)
        if known is None:
            identity = f"{pair.method} {pair.path}"
            found("request", "unknown-operation", "", "no such path or method in the contract")
            return None, findings
        operation, template = known
        identity = operation.get("operationId") or f"{pair.method} {template}"
        # A refused request may well break the contract: that is what it was refused for.
        if pair.status < 400:
            self.check_parameters(operation, pair, found)
            self.check_request_body(operation, pair, found)
        self.check_answer(operation, pair, found)
        return identity, findings

    def check_parameters(self, operation, pair, found):
        parameters = [self.resolved(parameter) for parameter in operation["parameters"]]
        query = urllib.parse.parse_qs(pair.query, keep_blank_values=True)
        declared = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"}
        for name, values in query.items():
            if name not in declared:
                found("request", "undeclared-parameter", name, f"the query parameter {name} is not declared")
                continue
            schema = self.resolved(declared[name].get("schema", {}))
            if schema.get("type") == "array":
                exploded = declared[name].get("explode", True)
                read = values if exploded else ",".join(values).split(",")
                read = [self.read(text, self.resolved(schema.get("items", {}))) for text in read]
            else:
                read = self.read(values[0], schema)
            for error in self.validator(schema).iter_errors(read):
                found("request", "parameter", name, error.message[:300])
        for parameter in parameters:
            name = parameter["name"]
            given = name in query if parameter["in"] == "query" else name.lower() in pair.request_headers
            if parameter.get("required") and parameter["in"] in ("query", "header") and not given:
                found("request", "missing-parameter", name, f"{name} is required")

    @staticmethod
    def read(text, schema):
        try:
            if schema.get("type") in ("integer", "number"):
                return json.loads(text)
        except ValueError:
            return text
        if schema.get("type") == "boolean" and text in ("true", "false"):
            return text == "true"
        return text

    def check_request_body(self, operation, pair, found):
        body = self.resolved(operation["requestBody"]) if "requestBody" in operation else None
        if body is None:
            if pair.request_body:
                found("request", "undeclared-body", "", "this operation takes no body")
            return
        if not pair.request_body:
            if body.get("required"):
                found("request", "missing-body", "", "this operation needs a body")
            return
        kind = media_type(pair.request_headers)
        if kind not in body["content"]:
            found("request", "media-type", kind, f"{kind or 'none'} is not among {sorted(body['content'])}")
            return
        if kind == "application/json" and pair.request_whole:
            self.check_json("request", body["content"][kind].get("schema", {}), pair.request_body, found)

    def check_answer(self, operation, pair, found):
        answers = operation["responses"]
        declared = answers.get(str(pair.status)) or answers.get("default")
        if declared is None:
            found("answer", "status", str(pair.status), f"{pair.status} is not among {sorted(answers)}")
        content = self.resolved(declared).get("content", {}) if declared else {}
        kind = media_type(pair.answer_headers)
        if not pair.answer_body:
            if content and pair.method != "HEAD" and 200 <= pair.status < 300:
                found("answer", "no-body", str(pair.status), "the contract declares a body, and none came")
            return
        if pair.status >= 400 and not content:
            if kind != "application/json":
                found("answer", "media-type", kind, "a refusal that is not JSON")
            else:
                schema = {"$ref": f"#/components/schemas/{self.error_schema}"}
                self.check_json("answer", schema, pair.answer_body, found)
            return
        if not content:
            found("answer", "undeclared-body", str(pair.status), "the contract declares no body")
            return
        media = content.get(kind) or next((content[each] for each in content if fnmatch.fnmatch(kind, each)), None)
        if media is None:
            found("answer", "media-type", kind, f"{kind or 'none'} is not among {sorted(content)}")
        elif kind == "application/json":
            self.check_json("answer", media.get("schema", {}), pair.answer_body, found)

    def check_json(self, side, schema, body, found):
        try:
            value = json.loads(body)
        except ValueError as error:
            found(side, "not-json", "", str(error))
            return
        self.check_value(side, schema, value, found)

    def check_value(self, side, schema, value, found, under=""):
        for error in self.validator(schema).iter_errors(value):
            for leaf in leaves(error):
                path = [under] if under else []
                at = "/".join(path + ["*" if isinstance(part, int) else str(part) for part in leaf.absolute_path])
                if leaf.validator.endswith("Properties"):
                    for name in re.findall(r"'([^']+)'", leaf.message):
                        found(side, "undeclared", f"{at}/{name}".lstrip("/"), "the contract declares no such property")
                else:
                    found(side, leaf.validator, at, leaf.message[:400])


def leaves(error):
    """Of a choice between schemas, what the nearest of them lacks."""
    if error.validator in ("anyOf", "oneOf") and error.context:
        branches = {}
        for each in error.context:
            branches.setdefault(each.schema_path[0], []).append(each)
        nearest = min(branches.values(), key=lambda branch: (any(e.validator == "type" for e in branch), len(branch)))
        for each in nearest:
            yield from leaves(each)
    else:
        yield error
