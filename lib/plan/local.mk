# lib/plan: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/plan/build.h \
	lib/plan/desc.c lib/plan/desc.h \
	lib/plan/names.c \
	lib/plan/op.def lib/plan/op.h \
	lib/plan/plan.c lib/plan/plan.h \
	lib/plan/why.h
unit_sources +=
