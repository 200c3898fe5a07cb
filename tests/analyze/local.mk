# tests/analyze: static analyzers over the sources, run by `make analyze` (./dev analyze).
analyze_scripts = tests/analyze/run tests/analyze/gcc tests/analyze/clang-tidy tests/analyze/cppcheck

EXTRA_DIST += $(analyze_scripts) .clang-tidy

.PHONY: analyze
analyze: all
	@cd $(srcdir) && BUILD='$(abs_builddir)' \
		FLAGS='-std=gnu17 $(RT_CPPFLAGS) -Ilib -Isrc -I$(abs_builddir)/lib -I$(abs_builddir)' \
		tests/analyze/run $(ANALYZERS)
