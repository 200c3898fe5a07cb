# tests/cli: help, exit codes, messages, completion.
