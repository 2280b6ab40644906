"""A page per table that is written of what is measured: its columns, units and meaning."""

from __future__ import annotations

from collections.abc import Iterator

from catalogue.markup import code, escaped, link, paragraphs, prose, table
from catalogue.page import Page, entry_page, index_path, list_page, table_path
from vesalius.adapters.measures.table_schema import table_names, table_schema


def table_pages() -> Iterator[Page]:
    """Write the page of each table, and their list."""
    here = index_path("tables")
    rows = []
    for name in table_names():
        schema = table_schema(name)
        path = table_path(name)
        columns = (
            (code(c.name), escaped(c.type), escaped(c.unit), prose(c.about)) for c in schema.columns
        )
        key = ", ".join(code(column) for column in schema.key)
        lines = [
            *paragraphs(schema.about),
            f"Together {key} tell a row. Version {schema.version}.",
            "",
            *table(["column", "type", "unit", "what it says"], columns),
        ]
        yield entry_page(path, "tables", f"{name}: {schema.title}", lines, boost=2)
        rows.append((link(here, path, code(name)), escaped(schema.title)))
    intro = "What is measured is written as CSV, and as Parquet where pyarrow is installed."
    yield list_page(here, "Tables", [intro, "", *table(["table", "what it holds"], rows)])
