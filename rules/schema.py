"""The JSON Schema of rule packs, for editors that complete and check YAML."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from vesalius.rules.language import FullPackForm, FullTestFileForm, FullTopicForm


def rules_json_schema() -> dict[str, Any]:
    """Give the JSON Schema of a rule pack, and of the topics and tests beside it.

    The letters of a test's key may be written as numbers; JSON has only text keys, which is what
    editors see of them.
    """
    forms: TypeAdapter[Any] = TypeAdapter(FullPackForm | FullTopicForm | FullTestFileForm)
    schema = forms.json_schema(by_alias=True)
    schema["$defs"]["FullPackForm"]["anyOf"] = [{"required": ["rules"]}, {"required": ["topics"]}]
    schema["$defs"]["RuleForm"]["properties"]["id"]["pattern"] = "^[^/]+/.+$"
    schema["$defs"]["RuleForm"]["anyOf"] = [{"required": ["expect"]}, {"required": ["derive"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
