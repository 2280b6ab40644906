"""A prediction that a cohort has of every case."""

from __future__ import annotations

from dataclasses import dataclass

from vesalius.adapters.cohort.path_template import PathTemplate
from vesalius.ontology.reading.document import YamlPath


@dataclass(frozen=True)
class Source:
    """A prediction of every case.

    Parameters
    ----------
    name : str
        Its key in the cohort file.
    scheme : str
        Name of a shipped scheme, or the path of its YAML.
    template : PathTemplate
        Where its file or folder lies.
    at : tuple
        Where the template stands in the cohort file.
    """

    name: str
    scheme: str
    template: PathTemplate
    at: YamlPath
