"""`vesalius test`: the tests that rules carry."""

from __future__ import annotations

import json

import click

from vesalius.adapters.cli.common_options import format_option
from vesalius.adapters.cli.outcome import FINDINGS, FINE, NO_INPUTS, Ended
from vesalius.adapters.cli.progress import working
from vesalius.adapters.cli.project_choice import current_project
from vesalius.adapters.files.io_diagnostics import plural
from vesalius.adapters.rule_tests.collect import make_bench, select_tests
from vesalius.adapters.rule_tests.orient import ORIENTATIONS
from vesalius.adapters.rule_tests.results import TestResult, render_result, summary, to_json
from vesalius.adapters.rule_tests.run_test import Bench, run_test
from vesalius.ontology.load import load_ontology
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.rules.places import load_anchors
from vesalius.rules.rule import Rule


@click.command(name="test")
@click.argument("what", nargs=-1, metavar="[RULE-OR-PACK]...")
@click.option(
    "--orientations", type=click.Choice(["1", "48"]), default="48", show_default=True,
    help="In how many orientations of the array each test runs.",
)  # fmt: skip
@format_option()
def command(what: tuple[str, ...], orientations: str, form: str) -> None:
    """Run the tests of rules: of packs by name or file, rules or single tests (RULE::TEST)."""
    ontology = load_ontology(current_project())
    anchors = load_anchors(ontology)
    items = select_tests(what, ontology, anchors)
    if not items:
        click.echo("no test found", err=True)
        raise Ended(NO_INPUTS)
    benches: dict[Rule, Bench] = {}
    results: list[TestResult] = []
    problems: list[Diagnostic] = []
    turned = ORIENTATIONS[: int(orientations)]
    with working(f"running {plural(len(items), 'test')}"):
        for item in items:
            if item.rule not in benches:
                benches[item.rule] = make_bench(item.rule, item.pack, ontology, anchors)
            try:
                results.append(run_test(benches[item.rule], item.test, turned))
            except DiagnosticError as error:
                problems += error.diagnostics
    _show(results, form)
    if problems:
        raise DiagnosticError(problems)
    raise Ended(FINE if all(result.passed for result in results) else FINDINGS)


def _show(results: list[TestResult], form: str) -> None:
    if form == "json":
        click.echo(json.dumps(to_json(results), indent=2))
        return
    for result in results:
        if not result.passed:
            click.echo(render_result(result))
    variants = sum(result.variants for result in results)
    tests = plural(len(results), "test")
    click.echo(f"{tests} in {variants} variants: {summary(results)}")
