#!/usr/bin/python3
"""Renders templates with Python's Jinja in the environment that transformers makes for chat templates.

Reads a JSON list of {"template", "context"} from standard input and writes a list of {"text"} or {"error"}. With a file's name it reads the
list there, and writes every case back with what Python gives: that is how JinjaPythonTable.json is made.
Needs Jinja 3.1 (Debian's package python3-jinja2).
"""

import datetime
import json
import sys

import jinja2
import jinja2.ext
import jinja2.sandbox

NOW = datetime.datetime(2025, 2, 3, 4, 5, 6)


class Generation(jinja2.ext.Extension):
    """Blocks that mark what the assistant writes; what stands in them is written unchanged."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("write"), [], [], body).set_lineno(line)

    def write(self, caller):
        return caller()


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols, jinja2.ext.do]
)
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = NOW.strftime


def answer(case):
    try:
        text = environment.from_string(case["template"]).render(**case.get("context", {}))
        text.encode("utf-8")
        return {"text": text}
    except Exception as error:  # whatever goes wrong in a template
        return {"error": type(error).__name__}


if len(sys.argv) > 1:
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    rows = [{"template": c["template"], **({"context": c["context"]} if c.get("context") else {}), **answer(c)} for c in cases]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows) + "\n]\n")
else:
    json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
