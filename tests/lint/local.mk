# tests/lint: checks of the source, run by `make lint`.
