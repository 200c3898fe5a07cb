# tests/golden: config + facts -> expected plan or message; no root, no fork.
