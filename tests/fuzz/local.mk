# tests/fuzz: fuzz targets; the replay of their corpus is part of make check.
