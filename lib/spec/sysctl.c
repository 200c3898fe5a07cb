/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/sysctl.h"

#include <errno.h>

#include "base/mem.h"
#include "base/str.h"

/* The names of interfaces are the widest: eth0.100, veth-a, br_1, eth0:1. */
static const char name_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "_-.:/";

static bool is_plain_file(const char *file)
{
	for (;;) {
		size_t n = strcspn(file, "/");

		if (n == 0 || (n == 1 && file[0] == '.') || (n == 2 && str_starts(file, "..")))
			return false;
		if (!file[n])
			return true;
		file += n + 1;
	}
}

int rt_sysctl_file(const char *key, char *buf, size_t size)
{
	const char *first = strpbrk(key, "./");

	if (key[strspn(key, name_chars)])
		return -EINVAL;
	if (str_fmt(buf, size, "%s", key) < 0)
		return -ENAMETOOLONG;
	if (first && *first == '.')
		for (char *p = buf; *p; p++)
			if (*p == '.' || *p == '/')
				*p = *p == '.' ? '/' : '.';
	return is_plain_file(buf) ? 0 : -EINVAL;
}

enum oci_ns rt_sysctl_namespace(const char *file)
{
	static const struct {
		char file[32]; /* a trailing slash: all below */
		enum oci_ns ns;
	} known[] = {
		{"kernel/msgmax", OCI_NS_IPC},
		{"kernel/msgmnb", OCI_NS_IPC},
		{"kernel/msgmni", OCI_NS_IPC},
		{"kernel/sem", OCI_NS_IPC},
		{"kernel/shmall", OCI_NS_IPC},
		{"kernel/shmmax", OCI_NS_IPC},
		{"kernel/shmmni", OCI_NS_IPC},
		{"kernel/shm_rmid_forced", OCI_NS_IPC},
		{"fs/mqueue/", OCI_NS_IPC},
		{"kernel/hostname", OCI_NS_UTS},
		{"kernel/domainname", OCI_NS_UTS},
		{"net/", OCI_NS_NETWORK},
		{"user/", OCI_NS_USER},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		size_t n = strlen(known[i].file);

		if (known[i].file[n - 1] == '/' ? str_starts(file, known[i].file)
						: streq(file, known[i].file))
			return known[i].ns;
	}
	return OCI_NS_ABSENT;
}
