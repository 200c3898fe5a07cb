# tests/embed: a program as users of libocirt write it. It sees ocirt.h and links the shared library;
# its sandbox is that of tests/cases.

check_PROGRAMS += tests/embed/embed
if !SANITIZE
# A program that is not instrumented cannot load a library that is.
TESTS += tests/embed/embed tests/embed/compile.sh
endif

tests_embed_embed_SOURCES = \
	tests/embed/edges.c \
	tests/embed/embed.h \
	tests/embed/life.c \
	tests/embed/main.c \
	tests/embed/self.c
tests_embed_embed_CPPFLAGS = -D_GNU_SOURCE -I$(srcdir)/tests/cases -I$(builddir)/tests/embed \
	-DCASES_DIR='"$(abs_srcdir)/tests/cases"'
tests_embed_embed_CFLAGS = $(cases_cflags) -pthread
tests_embed_embed_LDFLAGS = -Wl,-rpath,$(abs_builddir)/lib
tests_embed_embed_LDADD = lib/libocirt.so tests/cases/libworld.a $(YAJL_STATIC)
tests_embed_embed_DEPENDENCIES = $(libocirt_file) tests/cases/libworld.a

# The header alone, as it is installed: nothing else of lib/ can be included.
$(tests_embed_embed_OBJECTS): tests/embed/ocirt.h
tests/embed/ocirt.h: $(srcdir)/lib/ocirt.h
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cp $< $@

CLEANFILES += tests/embed/ocirt.h
EXTRA_DIST += docs/embedding.md tests/embed/compile.sh tests/embed/example.c tests/embed/version.c
