# lib/proc: sources of the library, and the unit tests of this folder.
libocirt_sources += \
	lib/proc/channel.c lib/proc/channel.h \
	lib/proc/init_blob.S \
	lib/proc/launch.c lib/proc/launch.h \
	lib/proc/protocol.h \
	lib/proc/relay.c lib/proc/relay.h \
	lib/proc/rt_init.c lib/proc/rt_init.h \
	lib/proc/sd_notify.c lib/proc/sd_notify.h \
	lib/proc/supervise.c lib/proc/supervise.h \
	lib/proc/times.c lib/proc/times.h
unit_sources +=
