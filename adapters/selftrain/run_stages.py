"""Running stages in their order, those that are done left as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from vesalius.adapters.selftrain.selftrain_diagnostics import stop
from vesalius.adapters.selftrain.stage import Stage
from vesalius.adapters.selftrain.stage_records import StageRecords
from vesalius.ontology.reading.diagnostics import DiagnosticError, suggest
from vesalius.ontology.reading.listing import listing

State = Literal["done", "continue", "to do"]
Tell = Callable[[str, str], None]


def plan_states(stages: Sequence[Stage], records: StageRecords) -> dict[str, State]:
    """Say of every stage whether there is anything to do.

    A stage is done where it was finished with the inputs it has now. Outputs that are gone or
    changed matter only where something is left to do that reads them: what is in between can be
    deleted once it has been used.

    Parameters
    ----------
    stages : sequence of Stage
        Each behind the ones it reads from.
    records : StageRecords
        What was finished before.

    Returns
    -------
    dict of str to {"done", "continue", "to do"}
        "continue" is a stage that was begun and not finished.
    """
    done: dict[str, bool] = {}
    for stage in stages:
        ready = all(done[name] for name in stage.after)
        done[stage.name] = ready and records.has_key(stage)
    readers = _readers(stages)
    for stage in reversed(stages):
        wanted = [reader for reader in readers[stage.name] if not done[reader]]
        if done[stage.name] and (wanted or not readers[stage.name]):
            done[stage.name] = records.outputs_there(stage)
    return {stage.name: _state(stage, done[stage.name], records) for stage in stages}


def run_stages(stages: Sequence[Stage], records: StageRecords, tell: Tell) -> None:
    """Run everything that is not done.

    Parameters
    ----------
    stages : sequence of Stage
        Each behind the ones it reads from.
    records : StageRecords
        What was finished before; what is finished now goes there.
    tell : callable
        Told the name of each stage and "done", "start" or "finished".

    Raises
    ------
    Exception
        Whatever a stage raises; the stages before it stay done.
    """
    states = plan_states(stages, records)
    for stage in stages:
        if states[stage.name] == "done":
            tell(stage.name, "done")
        else:
            run_stage(stage, records, tell)
    records.digests.save()


def run_stage(stage: Stage, records: StageRecords, tell: Tell) -> None:
    """Run one stage, unless it turns out to be done.

    Raises
    ------
    DiagnosticError
        STR008 where a stage before it is not done, STR009 where another process has it.
    """
    with records.locked(stage):
        key = records.key(stage)
        if key is None:
            missing = next(name for name in stage.after if records.record(name) is None)
            raise _waits(stage.name, missing)
        record = records.record(stage.name)
        # The stages before it may have given the same bytes as before.
        if record is not None and record.key == key and records.outputs_there(stage):
            tell(stage.name, "done")
            return
        tell(stage.name, "start")
        records.start(stage, key)
        records.finish(stage, key, stage.work())
        tell(stage.name, "finished")


def _readers(stages: Sequence[Stage]) -> Mapping[str, list[str]]:
    readers: dict[str, list[str]] = {stage.name: [] for stage in stages}
    for stage in stages:
        for name in stage.after:
            readers[name].append(stage.name)
    return readers


def _state(stage: Stage, done: bool, records: StageRecords) -> State:
    if done:
        return "done"
    return "continue" if records.was_started(stage) else "to do"


def run_one(name: str, stages: Sequence[Stage], records: StageRecords, tell: Tell) -> None:
    """Run one stage whose predecessors are done.

    Raises
    ------
    DiagnosticError
        STR007 no such stage; STR008 a stage before it is not done; STR009.
    """
    stage = find_stage(name, stages)
    states = plan_states(stages, records)
    waiting = [before for before in stage.after if states[before] != "done"]
    if states[name] != "done" and waiting:
        raise _waits(name, waiting[0])
    run_stage(stage, records, tell)
    records.digests.save()


def find_stage(name: str, stages: Sequence[Stage]) -> Stage:
    """Find a stage by its name.

    Raises
    ------
    DiagnosticError
        STR007.
    """
    known = [stage.name for stage in stages]
    if name not in known:
        hint = suggest(name, known) or f"the stages are {listing(known)}"
        raise stop("STR007", f"there is no stage `{name}`", hint)
    return stages[known.index(name)]


def _waits(name: str, missing: str) -> DiagnosticError:
    text = f"the stage `{name}` reads what `{missing}` writes, which is not done"
    return stop("STR008", text, f"run `--stage {missing}` first, or all without --stage")
