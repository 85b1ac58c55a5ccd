"""The rules: what each finding costs, and what its author can do about it.

A tool begins with 100 points. A finding costs its rule's points, and all findings of one rule
together cost a tool no more than `most`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`cost` is in points for each finding, `most` in points for all of them in one tool."""

    cost: int
    most: int
    fix: str


RULES: dict[str, Rule] = {
    "no-output-schema": Rule(
        20, 20, "declare an `outputSchema`; with `MCPServer`, return a pydantic model"
    ),
    "json-in-text-result": Rule(
        15, 15, "declare its shape as `outputSchema`: return a pydantic model, a dict or a list"
    ),
    "no-description": Rule(15, 15, "say in a sentence what the tool does"),
    "no-annotations": Rule(
        8,
        8,
        "set `readOnlyHint` to true or false; unless it is true, clients may ask before each call",
    ),
    "no-destructive-hint": Rule(
        3,
        3,
        "set `destructiveHint` to true or false; without it, clients assume that the tool destroys",
    ),
    "contradictory-annotations": Rule(
        6, 6, "remove one of the hints; a tool that only reads is not destructive"
    ),
    "no-title": Rule(2, 2, "give a `title` for people, as in 'Daily forecast'"),
    "unclear-name": Rule(5, 5, "name the tool by what it does to what, as in `get_forecast`"),
    "odd-name": Rule(
        4, 4, "use at most 64 letters, digits, `_` and `-`; some clients refuse other names"
    ),
    "renamed": Rule(
        4,
        4,
        "choose a name that is not a Python keyword, a method of the client or another tool's name",
    ),
    "long-description": Rule(
        3, 9, "keep it under 1,024 characters (an argument's under 512); every prompt carries it"
    ),
    "too-many-arguments": Rule(
        4, 4, "split the tool, or group arguments that belong together in objects"
    ),
    "no-argument-description": Rule(
        3, 15, "say what the argument means, with its unit or an example"
    ),
    "duplicate-argument-description": Rule(2, 6, "say how each argument differs from the others"),
    "unclear-argument-name": Rule(2, 6, "name the argument by what it is, as in `city`"),
    "renamed-argument": Rule(
        3, 9, "choose a name that is not a Python keyword or another argument's name"
    ),
    "untyped-argument": Rule(8, 24, "give it a `type`, or `anyOf` with the types it may have"),
    "untyped-field": Rule(3, 12, "give it a `type`, or `anyOf` with the types it may have"),
    "no-field-description": Rule(1, 5, "say what the field means, with its unit"),
    "untyped-array": Rule(4, 12, "say with `items` what the array holds"),
    "free-form-object": Rule(
        6, 18, "list its `properties`, or the type of its values as `additionalProperties`"
    ),
    "enum-as-prose": Rule(4, 12, "list the values as an `enum`: a wrong one is then a type error"),
    "json-in-string": Rule(
        5, 10, "accept the object or array itself instead of its JSON text, and give its schema"
    ),
    "contradictory-default": Rule(5, 15, "make the default fit the schema, or leave it out"),
    "default-of-required": Rule(2, 6, "take it out of `required`, or leave out the default"),
    # What costs users of some hosts the tool (see `hosts`).
    "root-not-object": Rule(
        30, 30, "write `type: object` at the root of the input schema, with its `properties`"
    ),
    "output-root-not-object": Rule(20, 20, "write `type: object` at the root of the output schema"),
    "root-combinator": Rule(
        15,
        15,
        "merge the alternatives into one object, and describe which arguments go together",
    ),
    "host-argument-name": Rule(
        4, 12, "use at most 64 letters, digits, `_`, `.` and `-` in the argument's name"
    ),
    # What the generator itself finds fault with.
    "bad-input-schema": Rule(40, 40, "describe an object: `type: object` with `properties`"),
    "too-complex": Rule(40, 40, "make the schema smaller: its references expand to too many parts"),
    "model-stage-failed": Rule(
        40, 40, "make the schema simpler, and report this as a bug of mcp-sdkgen"
    ),
    "duplicate-tool-name": Rule(20, 20, "rename one of them: a call reaches only the first"),
    "invalid-schema": Rule(
        6, 18, "correct the keyword: the message says what its JSON Schema dialect expects"
    ),
    "not-a-schema": Rule(6, 18, "write an object with a `type` there"),
    "unresolved-reference": Rule(
        6, 18, "move the schema that it refers to into `$defs` of this schema"
    ),
    "too-deep": Rule(6, 18, "make the schema flatter"),
    "too-wide": Rule(6, 18, "offer fewer alternatives or values"),
    "recursive-type": Rule(
        2, 6, "let the type refer to itself only through an object with `properties`"
    ),
    "enum-misfits-type": Rule(
        6, 18, "set `type` to that of the values, or move the `enum` into `items`"
    ),
    "empty-enum": Rule(6, 18, "list the values, or leave the `enum` out"),
    "not-a-tool": Rule(5, 20, "send an object with a string `name`"),
}
"""By stable code, in the order in which a tool's own findings are told."""

OTHER = Rule(5, 15, "correct what the message names")
"""For a code that the generator has and this table has not."""


def rule(code: str) -> Rule:
    """The rule of a code."""
    return RULES.get(code, OTHER)
