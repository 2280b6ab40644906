"""A session: schemes and rules compiled once, for as many cases as there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from vesalius.adapters.cases.briefs import Prepared
from vesalius.adapters.cases.image_doubt import shift_doubt, without_data
from vesalius.adapters.cases.inputs import CaseInputs, Prediction
from vesalius.adapters.cases.lint_result import LintResult, lint_options, lint_result
from vesalius.adapters.cases.load import load_case
from vesalius.adapters.cases.loaded import LoadedCase
from vesalius.adapters.cases.map_result import MapResult, map_result
from vesalius.adapters.cases.rule_findings import Json
from vesalius.adapters.files.given import Given
from vesalius.adapters.files.label_tables import LabelRow
from vesalius.adapters.identify.doubt import doubt_of
from vesalius.adapters.keeping.cache_folder import cache_folder
from vesalius.adapters.keeping.known import known_ontology, known_scheme
from vesalius.adapters.prepared.asked import SchemeRef
from vesalius.adapters.prepared.keep import kept_or_made
from vesalius.adapters.prepared.kept import Kept
from vesalius.asking import ask, said
from vesalius.assigning import Key, Predictions, assigned
from vesalius.defaults import DEFAULT_PACK, DEFAULT_TARGET
from vesalius.engine.execute import execute
from vesalius.engine.plan.plan_json import plan_digest
from vesalius.engine.run_steps import Options
from vesalius.engine.runs.labelmap import LabelMap
from vesalius.inputs import Image, ProjectRef, Segmentation, as_given, case_metadata
from vesalius.merging import with_merging
from vesalius.ontology.reading.diagnostics import Diagnostic, DiagnosticError
from vesalius.ontology.reading.listing import listing
from vesalius.rule_set import RulesRef, matching_rules

if TYPE_CHECKING:
    from vesalius.compiling import Whole
    from vesalius.ontology.graph import Ontology
    from vesalius.ontology.scheme.scheme import Scheme
    from vesalius.rules.compile.compiler import Compiled


class Session:
    """Schemes and rules, read and compiled once.

    Parameters
    ----------
    sources : scheme, sequence of schemes, or mapping of str to scheme, optional
        What predictions are written in, each by the name of a shipped scheme or the path of a
        YAML file. In a mapping the keys name the sources. By default `target` alone: for
        `lint` and `repair`.
    target : str or path
        Scheme of the results.
    rules : str, path, sequence of them, or None
        A rule pack by name, or a YAML file; several run one after the other; None for no rules.
    project : Project or path, optional
        A user's own folder (its `vesalius.yaml`): its structures, schemes, anchors and rule packs
        are known besides those that are shipped. Its defaults are for the command line.
    select : str or sequence of str
        Only these rules of the pack; patterns such as ``sides/*`` work.
    unsafe : bool or sequence of str
        Whether unsafe repairs are made too: all, none, or those of these rules.
    trace : bool
        Whether to note which rule wrote each voxel.
    merge : {"union", "vote", "priority"}
        Of a structure that several sources can tell: what any says, what more than half of them
        say, or what the first of `prefer` says.
    prefer : sequence of str
        Sources by token, the best first; for ``merge="priority"``.
    places : sequence of str, optional
        What sources of one scheme are numbered in the order of; by default as given.

    Attributes
    ----------
    prepared : Prepared
        The plan, and what running and reporting cases need of schemes and rules. It is kept on the
        disk for the next session of the same choice (`VESALIUS_CACHE`).
    rows : tuple of LabelRow
        Integers, names and colours of the target.
    options : Options
        How rules are run.
    scheme_remarks : tuple of Diagnostic
        Warnings about schemes.
    project_remarks : tuple of Diagnostic
        Which shipped structures, attributes and anchors the project replaces.

    Raises
    ------
    DiagnosticError
        With every problem of the YAML; SCH001, RUL001, CLI003 for names that are not known.

    Examples
    --------
    >>> import numpy as np, vesalius
    >>> session = vesalius.Session("amos22", rules=None)
    >>> liver = np.full((4, 4, 4), 6, np.uint8)
    >>> for labels in (liver, liver[:2]):
    ...     result = session.merge({"amos22": (labels, np.eye(4))})
    ...     print(result.table()[0]["structure"], result.table()[0]["voxels"])
    liver 64
    liver 32
    """

    def __init__(
        self,
        sources: SchemeRef | Sequence[SchemeRef] | Mapping[str, SchemeRef] | None = None,
        target: SchemeRef = DEFAULT_TARGET,
        *,
        rules: RulesRef = DEFAULT_PACK,
        project: ProjectRef = None,
        select: str | Sequence[str] = (),
        unsafe: bool | str | Iterable[str] = False,
        trace: bool = False,
        merge: str = "union",
        prefer: Sequence[str] = (),
        places: Sequence[str] | None = None,
    ) -> None:
        self._asked = ask(sources, target, rules, select, project, places)
        self._whole: Whole | None = None
        kept = kept_or_made(self._asked, self._make, cache_folder())
        self._looks, self._given = kept.looks, kept.given
        self.scheme_remarks: tuple[Diagnostic, ...] = kept.scheme_remarks
        self.project_remarks: tuple[Diagnostic, ...] = kept.project_remarks
        self.prepared: Prepared = kept.prepared
        self.put_together(merge, prefer)
        self.rows: tuple[LabelRow, ...] = kept.prepared.rows
        if not isinstance(unsafe, bool):
            wanted = [unsafe] if isinstance(unsafe, str) else list(unsafe)
            pack = kept.prepared.pack
            unsafe = frozenset() if pack is None else matching_rules(pack, rules, wanted)
        self.options: Options = Options(unsafe=unsafe, trace=trace)
        self._said: Json = said(rules, select, self.options)

    def put_together(self, merge: str, prefer: Sequence[str] = ()) -> None:
        """Choose how the claims of several sources on one structure are put together.

        Parameters
        ----------
        merge, prefer
            As when the session is made.

        Raises
        ------
        DiagnosticError
            API005 for an unknown policy or source, and where a preference is missing or idle.
        """
        plan = with_merging(self.prepared.plan, merge, prefer)
        if plan != self.prepared.plan:
            self.prepared = replace(self.prepared, plan=plan, digest=plan_digest(plan))

    @property
    def compiled(self) -> Compiled:
        """The plan, its rules and its remarks, as they were compiled.

        Where the plan was kept from another time, schemes and rules are read now.
        """
        return replace(self._read_whole().compiled, plan=self.prepared.plan)

    @cached_property
    def schemes(self) -> Mapping[str, Scheme]:
        """Scheme of each source by its token."""
        refs = [ref for _, ref in self._asked.sources]
        known = {ref: known_scheme(ref, self._asked.project) for ref in refs}
        return {token: known[ref] for token, ref in zip(self.tokens, refs, strict=True)}

    @cached_property
    def target(self) -> Scheme:
        """Scheme of the results."""
        return known_scheme(self._asked.target, self._asked.project)

    @property
    def tokens(self) -> tuple[str, ...]:
        """What each source is called, in the order given."""
        return tuple(self.prepared.schemes)

    def __getstate__(self) -> dict[str, object]:
        """Give what travels to another process: it reads again what it needs of YAML."""
        return {**self.__dict__, "_whole": None}

    def _read_whole(self) -> Whole:
        if self._whole is None:
            from vesalius.compiling import compile_whole  # noqa: PLC0415 - imports what reads YAML

            self._whole = compile_whole(self._asked)
        return self._whole

    def _make(self) -> Kept:
        from vesalius.compiling import brief  # noqa: PLC0415 - imports what reads YAML

        return brief(self._read_whole())

    @property
    def remarks(self) -> tuple[Diagnostic, ...]:
        """What schemes, rules and compiling had to say: warnings and notes."""
        pack = self.prepared.pack
        warnings = () if pack is None else pack.warnings
        return (
            *self.project_remarks,
            *self.scheme_remarks,
            *warnings,
            *self.prepared.diagnostics,
        )

    def merge(
        self,
        predictions: Predictions[Key],
        image: Image | None = None,
        case: Mapping[str, object] | None = None,
        *,
        resample: bool = False,
        trust_image_geometry: bool = False,
    ) -> MapResult:
        """Merge the predictions of one case and repair the result.

        Parameters
        ----------
        predictions : mapping of scheme to segmentation
            The keys are tokens or schemes of the session; a source of the session may be
            missing. Several predictions of one scheme are given as a list.
        image : path, nibabel image or (array, affine), optional
            The CT; the result has its grid. Without it, that of the predictions.
        case : mapping of str to object, optional
            What is known of the patient, such as ``{"sex": "female"}``.
        resample : bool
            Whether predictions on another lattice may be resampled by nearest neighbour.
        trust_image_geometry : bool
            Whether predictions of the shape of the image are taken onto its grid voxel for voxel,
            whatever their own header says.

        Returns
        -------
        MapResult

        Raises
        ------
        DiagnosticError
            With every problem of the files; API002 for a scheme that is not of the session.
        """
        own = assigned(predictions, self._given)
        given = {token: as_given(x, token) for token, x in own.items()}
        trust = trust_image_geometry
        return self.run(self._request(given, image, case, resample, trust))

    def repair(
        self,
        x: Segmentation,
        image: Image | None = None,
        case: Mapping[str, object] | None = None,
        *,
        resample: bool = False,
        trust_image_geometry: bool = False,
    ) -> MapResult:
        """Repair one segmentation; see :meth:`merge`. The session has one source."""
        return self.run(self._single(x, image, case, resample, trust_image_geometry))

    def convert(self, x: Segmentation, case: Mapping[str, object] | None = None) -> MapResult:
        """Write one segmentation in the target's integers; see :meth:`merge`.

        The session has one source; it repairs, too, unless it was made with ``rules=None``.
        """
        return self.run(self._single(x, None, case, False))

    def lint(
        self,
        x: Segmentation,
        image: Image | None = None,
        case: Mapping[str, object] | None = None,
        *,
        resample: bool = False,
        trust_image_geometry: bool = False,
    ) -> LintResult:
        """Judge one segmentation; nothing is changed.

        Parameters
        ----------
        x : path, nibabel image, (array, affine) or MapResult
            In the scheme of the session's one source.
        image : path, nibabel image or (array, affine), optional
            Its CT; more rules can be judged then.
        case : mapping of str to object, optional
            What is known of the patient, such as ``{"sex": "female"}``.
        resample : bool
            Whether it may be resampled onto the image by nearest neighbour.
        trust_image_geometry : bool
            Whether it is taken onto the grid of the image voxel for voxel, if it has its shape.

        Returns
        -------
        LintResult

        Raises
        ------
        DiagnosticError
            With every problem of the files; API002 where the session has several sources.
        """
        request = self._single(x, image, case, resample, trust_image_geometry)
        (prediction,) = request.predictions
        return lint_result(prediction.name, self._run(request, lint_options(self.prepared.pack)))

    def run(self, request: CaseInputs, *, doubting: bool = True) -> MapResult:
        """Merge and repair what a request names; what :meth:`merge` does with what it is given.

        Parameters
        ----------
        request : CaseInputs
            Predictions by token, the CT, and what is known of the patient.
        doubting : bool
            Whether labels are held against all other schemes too, which is more than half of the
            work for a small case. The result is the same; what makes a map again knows what was
            said of it.

        Raises
        ------
        DiagnosticError
            With every problem of the files.
        """
        return self._run(request, self.options, doubting)

    def _run(self, request: CaseInputs, options: Options, doubting: bool = True) -> MapResult:
        loaded = load_case(request, self.prepared.plan, self.prepared.schemes, self._likeness)
        doubts = self._doubts(loaded) if doubting else []
        shifted = shift_doubt(loaded, self.prepared.schemes)
        lacking = without_data(loaded, self.prepared.schemes, are_hu=shifted is None)
        if shifted is not None:
            loaded = replace(loaded, image=None)
            doubts.append(shifted)
        doubts += lacking
        if doubts:
            loaded = replace(loaded, diagnostics=(*loaded.diagnostics, *doubts))
        # Where nothing is changed, what is found is so in the end.
        reading = None if options.propose is not None else self.prepared.reading
        made = execute(self.prepared.plan, loaded, options, reading)
        asked = {
            **self._said,
            "merge": self.prepared.plan.merging.policy,
            "prefer": list(self.prepared.plan.merging.preferred),
            "resample": request.resample,
            "trust_image_geometry": request.trust_image_geometry,
        }
        return map_result(loaded, self.prepared, made, asked)

    def _doubts(self, loaded: LoadedCase) -> list[Diagnostic]:
        """Say of which sources the labels look like another scheme's."""
        doubts = (
            doubt_of(
                source.labels,
                source.path,
                self.prepared.schemes[source.token],
                self._looks,
                partial(self._known, source.token),
            )
            for source in loaded.predictions
        )
        return [doubt for doubt in doubts if doubt is not None]

    def _likeness(self, labels: LabelMap, path: str, token: str) -> str | None:
        """Say what labels look like that their scheme does not list."""
        from vesalius.adapters.identify.choose import likeness  # noqa: PLC0415 - reads all schemes

        return likeness(labels, path, *self._known(token))

    def _known(self, token: str) -> tuple[Scheme, Ontology]:
        return self.schemes[token], known_ontology(self._asked.project)

    def _request(
        self,
        given: Mapping[str, Given],
        image: Image | None,
        case: Mapping[str, object] | None,
        resample: bool,
        trust: bool = False,
    ) -> CaseInputs:
        return CaseInputs(
            predictions=tuple(Prediction(token, x) for token, x in given.items()),
            image=None if image is None else as_given(image, "the CT"),
            metadata=case_metadata(case),
            resample=resample,
            trust_image_geometry=trust,
        )

    def _single(
        self,
        x: Segmentation,
        image: Image | None,
        case: Mapping[str, object] | None,
        resample: bool,
        trust: bool = False,
    ) -> CaseInputs:
        if len(self.tokens) != 1:
            text = f"this session merges {len(self.tokens)} sources; one segmentation is of one"
            hint = f"make a session of its scheme alone; this one has {listing(self.tokens)}"
            raise DiagnosticError([Diagnostic("API002", "error", text, help=hint)])
        (token,) = self.tokens
        return self._request({token: as_given(x, token)}, image, case, resample, trust)
