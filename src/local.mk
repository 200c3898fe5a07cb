# src: the program rt. It includes ocirt.h of the library and no other header of lib/.
bin_PROGRAMS += rt

# All but main(), which the unit test of the command line has not.
cli_sources = \
	src/cli.c src/cli.h \
	src/embed.S src/embed.h \
	src/duration.c src/duration.h \
	src/guess.c src/guess.h \
	src/opt.c src/opt.h \
	src/out.c src/out.h \
	src/signame.c src/signame.h \
	src/table.c src/table.def \
	src/timings.c src/timings.h \
	src/cmd/cmd.h \
	src/cmd/check.c \
	src/cmd/checkpoint.c \
	src/cmd/common.c \
	src/cmd/completion.c \
	src/cmd/create.c \
	src/cmd/delete.c \
	src/cmd/events.c \
	src/cmd/exec.c \
	src/cmd/explain.c \
	src/cmd/features.c \
	src/cmd/help.c \
	src/cmd/kill.c \
	src/cmd/list.c \
	src/cmd/match.c \
	src/cmd/pause.c \
	src/cmd/ps.c \
	src/cmd/restore.c \
	src/cmd/run.c \
	src/cmd/spec.c \
	src/cmd/start.c \
	src/cmd/state.c \
	src/cmd/stats.c \
	src/cmd/update.c \
	src/cmd/version.c
cli_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/src \
	-DERRORS_FILE='"$(srcdir)/docs/errors.md"' -DCOMMIT_FILE='"src/commit"'

rt_SOURCES = src/main.c $(cli_sources)
rt_CPPFLAGS = $(cli_cppflags)
rt_LDADD = $(core_libs)
if STATIC
rt_LDFLAGS = $(AM_LDFLAGS) -static-pie
else
rt_LDFLAGS = $(AM_LDFLAGS) -pie
endif

# The commit that is built, for --version: of the checkout, or what `make dist` left in the tarball.
# Asked each time, written when it has changed.
src/commit: FORCE
	@$(MKDIR_P) $(@D) && { cat $(srcdir)/COMMIT 2>/dev/null || \
		git -C $(srcdir) describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null || \
		echo unknown; } >$@.new
	@if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi
FORCE:

src/rt-embed.$(OBJEXT): src/commit $(srcdir)/docs/errors.md

dist-hook: src/commit
	cp src/commit $(distdir)/COMMIT

EXTRA_DIST += docs/errors.md
CLEANFILES += src/commit
