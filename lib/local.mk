# libocirt: every source goes into one archive, made once. The shared library is the whole archive
# behind a version script; rt and the tests take from it what they use.

libocirt_sources =
rt_init_sources =
# Unit tests (tests/unit/*.c) are listed by the fragment of the module that they test.
unit_sources =
unit_libs =

include lib/base/local.mk
include lib/spec/local.mk
include lib/state/local.mk
include lib/host/local.mk
include lib/plan/local.mk
include lib/sec/local.mk
include lib/cgroup/local.mk
include lib/host_ops/local.mk
include lib/criu/local.mk
include lib/proc/local.mk
include lib/api/local.mk
include lib/init/local.mk

noinst_LIBRARIES += lib/libocirt-core.a
lib_libocirt_core_a_SOURCES = $(libocirt_sources)
include_HEADERS += lib/ocirt.h

# Linked into programs.
core_libs = lib/libocirt-core.a $(YAJL_STATIC) $(CAP_STATIC)

# The soname counts breaks of the ABI, and goes up with the node in libocirt.map.
libocirt_soname = libocirt.so.0
libocirt_file = lib/libocirt.so.$(PACKAGE_VERSION)
libocirt_libs = -lyajl -lcap

$(libocirt_file): lib/libocirt-core.a $(srcdir)/lib/libocirt.map
	$(AM_V_CCLD)$(CC) $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS) -shared \
		-Wl,-soname,$(libocirt_soname) -Wl,--version-script,$(srcdir)/lib/libocirt.map \
		-Wl,--whole-archive lib/libocirt-core.a -Wl,--no-whole-archive \
		$(libocirt_libs) $(LIBS) -o $@
	$(AM_V_at)cd lib && $(LN_S) -f $(@F) $(libocirt_soname) && $(LN_S) -f $(@F) libocirt.so

# "exec" in the name of the directory makes it part of install-exec.
execlibdir = $(libdir)
execlib_DATA = $(libocirt_file)
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = lib/libocirt.pc

install-exec-hook:
	cd $(DESTDIR)$(libdir) && $(LN_S) -f $(notdir $(libocirt_file)) $(libocirt_soname) && \
		$(LN_S) -f $(notdir $(libocirt_file)) libocirt.so

uninstall-hook:
	cd $(DESTDIR)$(libdir) && rm -f $(libocirt_soname) libocirt.so

CLEANFILES += $(libocirt_file) lib/$(libocirt_soname) lib/libocirt.so
EXTRA_DIST += lib/libocirt.map
