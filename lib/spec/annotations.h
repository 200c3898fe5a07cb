/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Annotations that change what a runtime does (config.md, "Annotations": those that are not known
 * must not be an error). They come from crun and runc; engines set them.
 */
#ifndef RT_SPEC_ANNOTATIONS_H
#define RT_SPEC_ANNOTATIONS_H

#include "spec/oci.h"

/*
 * A(enumerator, "name", effect): DONE here; LATER: known, not done yet; NEVER: another runtime's,
 * not meant to be done. A name that ends with '.' stands for all that begin with it.
 */
#define RT_ANNOTATIONS(A)                                                                          \
	A(MOUNT_CONTEXT_TYPE, "run.oci.mount_context_type", DONE)                                  \
	A(KEEP_ORIGINAL_GROUPS, "run.oci.keep_original_groups", DONE)                              \
	A(SECCOMP_RECEIVER, "run.oci.seccomp.receiver", DONE)                                      \
	A(SECCOMP_FAIL_UNKNOWN, "run.oci.seccomp_fail_unknown_syscall", DONE)                      \
	A(SECCOMP_BPF_DATA, "run.oci.seccomp_bpf_data", DONE)                                      \
	A(SECCOMP_PLUGINS, "run.oci.seccomp.plugins", NEVER)                                       \
	A(PIDFD_RECEIVER, "run.oci.pidfd_receiver", DONE)                                          \
	A(HOOKS_STDOUT, "run.oci.hooks.stdout", DONE)                                              \
	A(HOOKS_STDERR, "run.oci.hooks.stderr", DONE)                                              \
	A(DELEGATE_CGROUP, "run.oci.delegate-cgroup", DONE)                                        \
	A(SYSTEMD_SUBGROUP, "run.oci.systemd.subgroup", DONE)                                      \
	A(SYSTEMD_FORCE_V1, "run.oci.systemd.force_cgroup_v1", NEVER)                              \
	A(HANDLER, "run.oci.handler", NEVER)                                                       \
	A(SYSTEMD_PROPERTY, "org.systemd.property.", DONE)                                         \
	A(CRIU_CONFIG, "org.criu.config", DONE)

enum rt_annotation {
#define A(enumerator, name, effect) RT_ANNOTATION_##enumerator,
	RT_ANNOTATIONS(A)
#undef A
	RT_ANNOTATION_MAX
};

enum rt_annotation_effect { RT_ANNOTATION_DONE, RT_ANNOTATION_LATER, RT_ANNOTATION_NEVER };

/* The name of a row. */
const char *rt_annotation_name(enum rt_annotation annotation);

/* What this version makes of it. */
enum rt_annotation_effect rt_annotation_effect(enum rt_annotation annotation);

/* The row that a name of a document belongs to; RT_ANNOTATION_MAX when none. */
enum rt_annotation rt_annotation_find(const char *name);

/* The name most like one that no row knows, for "did you mean"; NULL when none is near. */
const char *rt_annotation_nearest(const char *name);

/* The entry of a document; NULL when it has none. Not for a name that ends with '.'. */
const struct str_pair *rt_annotation_get(const struct str_map *annotations,
					 enum rt_annotation annotation);

/*
 * Who answers SCMP_ACT_NOTIFY: linux.seccomp.listenerPath, or the annotation from before there was one.
 * *ret_origin is the address in the document, for messages. NULL: nobody.
 */
const char *rt_seccomp_listener(const struct oci_config *config, const void **ret_origin);

/*
 * The cgroup below the container's that its processes are in, to do with as they like: crun's
 * run.oci.delegate-cgroup, without slashes before it. NULL: none.
 */
const char *rt_delegate_cgroup(const struct oci_config *config);

/*
 * features.md, "Unsafe annotations": what can change the behaviour of a runtime, one more at each
 * i from 0 on; NULL behind the last. A value that ends with '.' is a prefix.
 */
const char *rt_annotation_unsafe(size_t i);

#endif
