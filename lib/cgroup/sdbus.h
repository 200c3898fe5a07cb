/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of sd-bus(3) that is called here, loaded with dlopen(3): nobody who does not use the
 * systemd driver needs libsystemd, neither to run rt nor to build it. The declarations are those of
 * <systemd/sd-bus.h>, whose ABI has not changed since systemd 221.
 */
#ifndef RT_CGROUP_SDBUS_H
#define RT_CGROUP_SDBUS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct sd_bus sd_bus;
typedef struct sd_bus_message sd_bus_message;
typedef struct sd_bus_slot sd_bus_slot;

typedef struct {
	const char *name;
	const char *message;
	int need_free;
} sd_bus_error;

typedef int (*sd_bus_message_handler_t)(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* X(function without "sd_bus_", result, arguments) */
#define RT_SDBUS(X)                                                                                \
	X(new, int, (sd_bus **))                                                                   \
	X(set_address, int, (sd_bus *, const char *))                                              \
	X(set_bus_client, int, (sd_bus *, int))                                                    \
	X(set_method_call_timeout, int, (sd_bus *, uint64_t))                                      \
	X(start, int, (sd_bus *))                                                                  \
	X(is_ready, int, (sd_bus *))                                                               \
	X(close_unref, sd_bus *, (sd_bus *))                                                       \
	X(process, int, (sd_bus *, sd_bus_message **))                                             \
	X(wait, int, (sd_bus *, uint64_t))                                                         \
	X(call, int, (sd_bus *, sd_bus_message *, uint64_t, sd_bus_error *, sd_bus_message **))    \
	X(match_signal, int,                                                                       \
	  (sd_bus *, sd_bus_slot **, const char *, const char *, const char *, const char *,       \
	   sd_bus_message_handler_t, void *))                                                      \
	X(error_free, void, (sd_bus_error *))                                                      \
	X(message_new_method_call, int,                                                            \
	  (sd_bus *, sd_bus_message **, const char *, const char *, const char *, const char *))   \
	X(message_unref, sd_bus_message *, (sd_bus_message *))                                     \
	X(message_append_basic, int, (sd_bus_message *, char, const void *))                       \
	X(message_open_container, int, (sd_bus_message *, char, const char *))                     \
	X(message_close_container, int, (sd_bus_message *))                                        \
	X(message_enter_container, int, (sd_bus_message *, char, const char *))                    \
	X(message_read_basic, int, (sd_bus_message *, char, void *))

struct rt_sdbus {
	void *library;
#define X(name, result, arguments) result(*name) arguments;
	RT_SDBUS(X)
#undef X
};

/* Load it. -ENOENT (E_HOST) names the package; close with rt_sdbus_close, whatever came out. */
int rt_sdbus_open(struct rt_sdbus *ret, struct err *e);
void rt_sdbus_close(struct rt_sdbus *b);

#endif
