# lib/api: one file per verb, behind ocirt.h.
libocirt_sources += lib/api/version.c
unit_sources +=
