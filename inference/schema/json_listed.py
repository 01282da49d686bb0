"""Values that a schema lists, and what its `not` leaves out: values, and patterns of strings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from inference.schema.json_keywords import identity, is_of, refuse, types_of
from inference.schema.json_merging import options_of
from inference.schema.json_pattern import followed

_FEW: dict[str, list[Any]] = {"boolean": [True, False], "null": [None]}


def is_direct(schema: dict[str, Any]) -> bool:
    """Whether a grammar can leave out at once what the schema's `not` says: see `Excluded`.

    What no pattern matches is a string, so patterns can be left out of strings alone.
    """
    allowed = [{"const"}, {"enum"}]
    if schema.get("type") in ("string", ["string"]):
        allowed.append({"pattern"})
    return all(
        isinstance(part, dict) and part.keys() in allowed for part in options_of(schema["not"])
    )


def _values(schema: dict[str, Any]) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


@dataclass(frozen=True, slots=True)
class Excluded:
    """What the `not` of a schema leaves out, where `is_direct`."""

    values: tuple[Any, ...] = ()
    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, schema: dict[str, Any]) -> Excluded:
        """Nothing where it has none."""
        parts = options_of(schema["not"]) if "not" in schema else []
        return cls(
            tuple(value for part in parts for value in _values(part)),
            tuple(part["pattern"] for part in parts if "pattern" in part),
        )

    def closes(self, kind: str) -> bool:
        """Whether a grammar can write nothing of a type: it compares no arrays and objects."""
        values = [value for value in self.values if is_of(value, kind)]
        at_least = {"array": 1, "object": 1, "null": 1, "boolean": 2}.get(kind, math.inf)
        return len(set(map(identity, values))) >= at_least


def listed(schema: dict[str, Any], path: str) -> list[Any]:
    """The values that `const` or `enum` list and nothing else forbids.

    Raises:
        BadSchema: There are none.
    """
    values = _values(schema)
    if identity(values[0]) not in map(identity, schema.get("enum", values)):
        raise refuse(path, "const is not among the values of enum")
    kinds = types_of(schema, path) if "type" in schema else [""]
    fitting = [value for value in values if any(is_of(value, kind) for kind in kinds)]
    if not fitting:
        raise refuse(path, "none of the listed values is of the type asked for")
    excluded = Excluded.of(schema)
    unwanted = set(map(identity, excluded.values))
    patterns = [followed(pattern, f"{path}/not") for pattern in excluded.patterns]
    left = {
        identity(value): value
        for value in fitting
        if identity(value) not in unwanted and not any(one.holds(value) for one in patterns)
    }
    if not left:
        raise refuse(f"{path}/not", "it leaves none of the listed values")
    return list(left.values())


def finite(schema: dict[str, Any], path: str) -> list[Any] | None:
    """All values that a schema accepts, where those are few and plain to see."""
    if "not" in schema and not is_direct(schema):
        return None
    if "const" in schema or "enum" in schema:
        return listed(schema, path)
    kinds = types_of(schema, path)
    if not set(kinds) <= _FEW.keys() or schema.keys() & {"anyOf", "oneOf", "allOf"}:
        return None
    unwanted = set(map(identity, Excluded.of(schema).values))
    values = [value for kind in kinds for value in _FEW[kind]]
    return [value for value in values if identity(value) not in unwanted]
