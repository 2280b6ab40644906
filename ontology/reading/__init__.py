"""The ground everything stands on: YAML documents, spans, diagnostics, how they are shown."""
