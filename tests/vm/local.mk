# tests/vm: the cases in a QEMU guest; not part of make check.
