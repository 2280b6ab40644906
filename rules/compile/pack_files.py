"""The files of a rule pack: its head, its topics and the tests beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vesalius.ontology.pack_files import HEAD, TESTS, tests_of
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError, suggest
from vesalius.ontology.reading.document import Document, load_document
from vesalius.ontology.reading.listing import listing
from vesalius.ontology.reading.validation import check_schema, validate
from vesalius.rules.entry import Entry
from vesalius.rules.language import (
    SCHEMA,
    TESTS_SCHEMA,
    TOPIC_SCHEMA,
    PackForm,
    TestFileForm,
    TopicForm,
)

_YAML: Final = ".yaml"


@dataclass(frozen=True)
class PackFiles:
    """The files of a pack that can be read.

    Parameters
    ----------
    head : PackForm
        What the pack says of itself.
    document : Document
        The file of the head; a pack of one file has its rules there.
    topics : tuple of Document
        More files of rules, in the order of the head.
    tests : tuple of Document
        Files of tests, in the order of what they belong to.
    """

    head: PackForm
    document: Document
    topics: tuple[Document, ...]
    tests: tuple[Document, ...]

    @property
    def whole(self) -> bool:
        """Whether every topic could be read."""
        return len(self.topics) == len(self.head.topics)

    @property
    def documents(self) -> tuple[Document, ...]:
        """All files."""
        return (self.document, *self.topics, *self.tests)

    def entries(self) -> tuple[Entry, ...]:
        """Give the entries of the lists of rules, one by one."""
        found = [Entry(self.document, ("rules", place)) for place in range(len(self.head.rules))]
        for topic in self.topics:
            data = topic.data
            rules = data["rules"] if isinstance(data, dict) else []
            found += [Entry(topic, ("rules", place)) for place in range(len(rules))]
        return tuple(found)


def read_files(
    document: Document, with_tests: bool = True
) -> tuple[PackFiles | None, list[Diagnostic]]:
    """Read the files of a pack, from its first.

    Parameters
    ----------
    document : Document
        The head, or the whole pack.
    with_tests : bool
        Whether to read the files of tests too.

    Returns
    -------
    PackFiles or None
        None where the head is wrong; topics and tests that are wrong are left out.
    list of Diagnostic
        YML0xx, RUL023 (topics and files that do not fit each other).
    """
    problems = check_schema(document, SCHEMA)
    if problems:
        return None, problems
    head, problems = validate(PackForm, document)
    if head is None:
        return None, problems
    if not head.model_fields_set & {"rules", "topics"}:
        span = document.span(())
        missing = Diagnostic(
            "YML011", "error", "key `rules` is missing", span=span, help="add `rules:`"
        )
        return None, [missing]
    path = Path(document.path)
    problems += _unfit(head, document)
    named = {topic: path.with_name(topic + _YAML) for topic in head.topics}
    topics = [topic for topic in named.values() if topic.is_file()]
    beside = [tests_of(file) for file in (path, *topics)] if with_tests else []
    return (
        PackFiles(
            head,
            document,
            _read_all(topics, TOPIC_SCHEMA, TopicForm, problems),
            _read_all(filter(Path.is_file, beside), TESTS_SCHEMA, TestFileForm, problems),
        ),
        problems,
    )


def _read_all(
    paths: Iterable[Path],
    schema: str,
    form: type[TopicForm] | type[TestFileForm],
    problems: list[Diagnostic],
) -> tuple[Document, ...]:
    """Read those files whose shape is right."""
    read = []
    for path in paths:
        try:
            document = load_document(path)
        except DiagnosticError as error:
            problems += error.diagnostics
            continue
        found = check_schema(document, schema)
        if not found:
            found = validate(form, document)[1]
        problems += found
        if not found:
            read.append(document)
    return tuple(read)


def _unfit(head: PackForm, document: Document) -> list[Diagnostic]:
    """RUL023: topics without a file, twice, or in no folder; files that no topic names."""
    path = Path(document.path)
    if head.topics and path.name != HEAD:
        message = "`topics` go with a folder of their own"
        advice = f"call this file {HEAD}, in a folder that has the name of the pack"
        return [_wrong(message, advice, document, ("topics",))]
    beside = sorted(p.stem for p in path.parent.glob("*" + _YAML)) if path.name == HEAD else []
    files = [name for name in beside if name != path.stem and not name.endswith(".tests")]
    problems = []
    for place, topic in enumerate(head.topics):
        if topic in head.topics[:place]:
            problems.append(
                _wrong(f"the topic `{topic}` is written twice", None, document, ("topics", place))
            )
        elif topic not in files:
            near = suggest(topic, [name for name in files if name not in head.topics])
            message = f"there is no file {topic}{_YAML} beside {HEAD}"
            advice = near or "make it, or take the topic out"
            problems.append(_wrong(message, advice, document, ("topics", place)))
    for name in files:
        if name not in head.topics and _is_topic(path.with_name(name + _YAML)):
            message = f"{name}{_YAML} lies in the pack, but is none of its topics"
            advice = f"add `{name}` to `topics`"
            problems.append(_wrong(message, advice, document, ("topics",)))
    for name in beside if head.topics else ():
        file = name.removesuffix(".tests")
        if file != name and file not in {path.stem, *head.topics}:
            message = f"{name}{_YAML} belongs to no topic"
            near = suggest(file, head.topics)
            advice = near or f"name it TOPIC{TESTS}; topics: {listing(head.topics)}"
            problems.append(_wrong(message, advice, document, ("topics",)))
    return problems


def _is_topic(path: Path) -> bool:
    try:
        data = load_document(path).data
    except DiagnosticError:
        return False
    return isinstance(data, dict) and data.get("schema") == TOPIC_SCHEMA


def _wrong(
    message: str, advice: str | None, document: Document, at: tuple[str | int, ...]
) -> Diagnostic:
    return Diagnostic("RUL023", "error", message, span=document.span(at), help=advice)
