# lib/plan: sources of the library, and the unit tests of this folder.
libocirt_sources += lib/plan/build.h lib/plan/op.def lib/plan/op.h lib/plan/plan.h
unit_sources +=
