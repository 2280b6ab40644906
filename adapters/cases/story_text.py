"""The story of a voxel in words: a row for each source, for the merge, and for each rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vesalius.adapters.cases.explain_voxel import BACKGROUND, VoxelStory, Writer
from vesalius.adapters.cases.source_voxel import SourceVoxel
from vesalius.ontology.reading.diagnostics import display_path


@dataclass(frozen=True)
class StoryRow:
    """One row of a story.

    Parameters
    ----------
    kind : {"source", "merge", "rule", "may", "rules", "not"}
        Who speaks: a prediction, the merge, a rule that changed the voxel, one that may have,
        all rules, or one that did not.
    name : str
        Of the source or the rule; empty for the merge and for all rules.
    text : str
        What it says.
    where : str
        File and line of the rule, as the report names them.
    """

    kind: str
    name: str
    text: str
    where: str = ""


def now_text(story: VoxelStory) -> str:
    """Say what the voxel is now."""
    now = " or ".join(story.structures) if story.integer else BACKGROUND
    return f"now {now} ({story.integer})"


def story_rows(story: VoxelStory) -> list[StoryRow]:
    """Tell the story in rows, in the order in which things happened."""
    return [*_source_rows(story), _merge_row(story), *_rule_rows(story)]


def content_text(story: VoxelStory) -> str:
    """Count the rules that had nothing to do here."""
    plural = "other rule" if story.content == 1 else "other rules"
    return f"{story.content} {plural} about these structures found nothing to do here"


def _source_rows(story: VoxelStory) -> Iterator[StoryRow]:
    for source in story.sources:
        yield StoryRow("source", source.source, _said(source))


def _said(source: SourceVoxel) -> str:
    if source.integer is None:
        return f"{source.remark} ({display_path(source.path)})"
    said = "no label" if source.integer == 0 else str(source.integer)
    if source.name and source.claims != (source.name,):
        said += f" `{source.name}`"
    if source.claims:
        said += f" -> {' or '.join(source.claims)}"
    return f"{said}; {source.remark}" if source.remark else said


def _merge_row(story: VoxelStory) -> StoryRow:
    merged = story.merged
    said = " or ".join(merged.winners)
    for name, why in merged.losers:
        said += f", over {name} ({why})"
    if not any(source.claims for source in story.sources):
        said += ", for no source claims this place"
    if not merged.reliable:
        said += "; as far as the files tell"
    return StoryRow("merge", "", said)


def _rule_rows(story: VoxelStory) -> Iterator[StoryRow]:
    for writer in story.writers:
        kind = "rule" if writer.certain else "may"
        yield StoryRow(kind, writer.rule, _move(writer), writer.defined_at)
    if not story.writers:
        yield StoryRow("rules", "", _unchanged(story))
    for other in story.bystanders:
        yield StoryRow("not", other.rule, other.why, other.defined_at)


def _move(writer: Writer) -> str:
    said = f"{' or '.join(writer.sources)} -> {writer.target}"
    return said if writer.certain else f"may have made {said}"


def _unchanged(story: VoxelStory) -> str:
    if not set(story.merged.winners) & set(story.structures):
        return "no rule is known to have changed this voxel; the files do not explain what it is"
    if not story.integer and story.merged.winners != (BACKGROUND,):
        return "no rule changed this voxel, and the target has no place for it"
    return "no rule changed this voxel"
