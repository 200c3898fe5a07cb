# tests/cases: data-driven cases run by run-cases against any runtime; need root.
