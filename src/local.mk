# src: the program rt. It includes ocirt.h of the library and no other header of lib/.
bin_PROGRAMS += rt

rt_SOURCES = \
	src/main.c

rt_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/src
rt_LDADD = $(core_libs)
if STATIC
rt_LDFLAGS = $(AM_LDFLAGS) -static-pie
else
rt_LDFLAGS = $(AM_LDFLAGS) -pie
endif
