/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/sdbus.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"

#define LIBRARY "libsystemd.so.0"

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define X(name, result, arguments) {"sd_bus_" #name, offsetof(struct rt_sdbus, name)},
	RT_SDBUS(X)
#undef X
};

int rt_sdbus_open(struct rt_sdbus *ret, struct err *e)
{
	ret->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!ret->library) {
		err_set(e, ENOENT | RT_NO_TEXT, RT_E_HOST,
			"the systemd cgroup manager needs " LIBRARY ", which cannot be loaded: %s",
			dlerror());
		return err_hint(e, "the package is libsystemd0 on Debian, systemd-libs on Fedora");
	}
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *f = dlsym(ret->library, functions[i].name);

		if (!f)
			return err_set(e, ENOSYS | RT_NO_TEXT, RT_E_HOST,
				       LIBRARY " has no %s: it is too old", functions[i].name);
		/* a pointer to an object and one to a function have the same form (POSIX, dlsym) */
		memcpy((char *)ret + functions[i].offset, &f, sizeof(f));
	}
	return 0;
}

void rt_sdbus_close(struct rt_sdbus *b)
{
	if (b->library)
		dlclose(b->library);
	b->library = NULL;
}
