# tests/bench: comparison with other runtimes; not part of make check.
