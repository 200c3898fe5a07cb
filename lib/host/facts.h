/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host can do, as far as a plan depends on it. Probed once, and cheaply: what every run
 * needs costs less than ten system calls; the rest is asked for by name.
 */
#ifndef RT_HOST_FACTS_H
#define RT_HOST_FACTS_H

#include "base/err.h"
#include "base/mem.h"
#include "host/facts.def"
#include "spec/bind.h"
#include "spec/oci.h"

/* struct rt_facts */
BIND_DECLARE(RT_FACTS_ENUMS, RT_FACTS_OBJECTS)

extern const struct bind_schema rt_facts_schema;

/* What to probe beside the facts that are always known. */
#define FACTS_CONTROLLERS 1u
#define FACTS_OWN_CGROUP 2u
#define FACTS_FEATURES 4u /* kernel, seccomp, newuidmap: for check, explain and features */
#define FACTS_LSMS 8u
#define FACTS_RESCTRL 16u
#define FACTS_ALL 31u

/* Where resctrl is mounted, if it is: resctrl.rst knows no other place. */
#define RT_RESCTRL "/sys/fs/resctrl"

/*
 * Probe. Strings are in the arena or static. Fails only when memory is short or the kernel does not
 * answer what every kernel since 5.14 does.
 */
int rt_facts_probe(unsigned want, struct arena *arena, struct rt_facts *ret, struct err *e);

/*
 * One fact alone: where cgroup2 is mounted, "" when nowhere. *ret is static. Fails as the probe of
 * all facts does.
 */
int rt_facts_cgroup_root(const char **ret, struct err *e);

/*
 * Of the namespaces that the document joins (CLONE_NEW*), those that do not belong to the user
 * namespace that it joins too; 0 when it joins none. One that cannot be looked at counts as owned:
 * whoever opens it next has the words for it.
 */
uint64_t rt_facts_foreign_ns(const struct oci_linux *linux_part);

/*
 * The same from a JSON document (tests, `rt explain --facts FILE`). *ret belongs to the document,
 * which the caller frees with rt_bind_free, and `text` must outlive it.
 */
int rt_facts_parse(struct bind_doc *doc, const char *name, const char *text, size_t len,
		   const struct rt_facts **ret, struct err *e);

/*
 * Where a set-user-ID helper (newuidmap, newgidmap) is: only in the host's own directories, whatever
 * the caller's PATH says. Writes to buf and returns it; NULL when it is nowhere.
 */
const char *rt_facts_helper(const char *name, char *buf, size_t size);

/* Append the facts as JSON. */
void rt_facts_print(const struct rt_facts *facts, struct strbuf *out);

/* Does the runtime hold this capability (CAP_*) in its user namespace? */
static inline bool rt_facts_can(const struct rt_facts *f, unsigned cap)
{
	return f->capabilities >> cap & 1;
}

/* Is the runtime the host's root, and not that of a user namespace? */
static inline bool rt_facts_is_root(const struct rt_facts *f)
{
	return f->euid == 0 && f->initial_userns;
}

#endif
