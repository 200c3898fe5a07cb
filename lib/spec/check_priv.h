/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the check share. Each knows the rules of one part of the configuration. */
#ifndef RT_SPEC_CHECK_PRIV_H
#define RT_SPEC_CHECK_PRIV_H

#include "spec/check.h"

struct check {
	const struct bind_doc *doc;
	struct report *report;
	const struct oci_config *config;             /* NULL: another document */
	const struct oci_namespace *ns[OCI_NS_MAX];  /* of the configuration, by type */
};

/* A finding about the value at addr. */
#define BAD(c, addr, ...)                                                                          \
	rt_bind_report((c)->doc, (c)->report, (addr), PROBLEM_ERROR, RT_E_CONFIG, __VA_ARGS__)
#define WARN(c, addr, ...)                                                                         \
	rt_bind_report((c)->doc, (c)->report, (addr), PROBLEM_WARNING, RT_E_CONFIG, __VA_ARGS__)

/* The word in JSON of an enumerator: WORD(oci_ns, OCI_NS_PID) is "pid". */
#define WORD(tag, value) rt_bind_word(&rt_oci_schema, BIND_ENUM_ID(tag), (int)(value))

/*
 * Report every name that stands twice among v[0], v[stride], ... (n of them): "what" is said of
 * it. Each v[i] is a const char *, at the address that is reported; NULL is passed over.
 */
void rt_check_unique(struct check *c, const void *v, size_t n, size_t stride, const char *what);

/*
 * The value of the member at `list` must be one of cpus or nodes ("what") that the kernel can be
 * given; absent is fine.
 */
void rt_check_list(struct check *c, const char *const *list, const char *what);

/* A name that is one part of a path: not empty, no '/', not "." or "..", no control character. */
bool rt_check_is_component(const char *s);

void rt_check_process_rules(struct check *c, const struct oci_process *process);
void rt_check_env(struct check *c, const struct str_array *env);
void rt_check_linux(struct check *c, const struct oci_linux *l);
void rt_check_namespaces(struct check *c, const struct oci_linux *l);
void rt_check_id_mappings(struct check *c, const struct oci_id_mapping_array *map);
void rt_check_resource_rules(struct check *c, const struct oci_resources *r);
void rt_check_seccomp(struct check *c, const struct oci_seccomp *s);
void rt_check_unsupported(struct check *c);

/* Report a value that only cgroup v1 has a file for. */
void rt_check_not_in_v2(struct check *c, const void *addr, const char *file);

#endif
