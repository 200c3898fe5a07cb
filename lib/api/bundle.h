/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle: its directory, its configuration, its rootfs; and the plan that comes out of it. */
#ifndef RT_API_BUNDLE_H
#define RT_API_BUNDLE_H

#include "api/context.h"
#include "base/fd.h"
#include "cgroup/driver.h"
#include "host/facts.h"
#include "plan/build.h"
#include "spec/bind.h"
#include "spec/oci.h"
#include "state/state.h"

/* Zero-initialise; free with rt_bundle_free in any case. */
struct rt_bundle {
	char *path;   /* absolute, without symbolic links */
	struct fd_slot dir;
	char *text;   /* of the configuration, as it was read */
	size_t len;
	char *name;   /* what messages call it: "config.json", or the path that was given */
	struct bind_doc doc;
	const struct oci_config *config;
	char *rootfs; /* absolute, without symbolic links; NULL until rt_bundle_rootfs */
};

/* Find the directory and read the text. -ENOENT (E_BUNDLE) and so on. */
int rt_bundle_open(const struct ocirt_create_options *options, struct rt_bundle *b, struct err *e);

/* Read a configuration that was saved by create. */
int rt_bundle_open_saved(int state_dir, const char *bundle_path, struct rt_bundle *b,
			 struct err *e);

/*
 * Parse and check, stopping at the first problem. To a context that wants warnings those are told,
 * such as unknown keys (config.md, "Extensibility").
 */
int rt_bundle_check(ocirt_context *ctx, struct rt_bundle *b, struct err *e);

/* Parse and check, and collect every problem. Returns the number of errors, or -ENOMEM. */
int rt_bundle_problems(struct rt_bundle *b, struct problems *list, struct err *e);

/* Resolve root.path, which must be a directory. */
int rt_bundle_rootfs(struct rt_bundle *b, struct err *e);

void rt_bundle_free(struct rt_bundle *b);

/* What create does with a bundle, worked out. Zero-initialise; free with rt_prepared_free. */
struct rt_prepared {
	const char *notify_socket; /* the caller's, to be set; cleared if it does not matter */
	struct rt_times *times;    /* to be set; NULL: nobody wants to know */
	struct arena arena;
	struct rt_facts facts;
	const struct rt_cgroup_driver *driver; /* not for exec */
	struct rt_cgroup_home home;            /* not for exec */
	const char *rdt_group, *rdt_monitor; /* directories in resctrl; NULL: none */
	struct plan plan;
};

/*
 * Facts, seccomp program, device program, cgroup path, plan. `gate`: for create. Makes nothing and
 * changes nothing. On failure the error names the field.
 */
int rt_prepare(ocirt_context *ctx, const char *id, const struct rt_bundle *b,
	       const struct ocirt_create_options *options, bool gate, struct rt_prepared *p,
	       struct err *e);

/*
 * The same of a container that exists, from its saved configuration and options, which give the same
 * plan again: nobody keeps it. *b and *p are to be freed in any case.
 */
int rt_prepare_again(ocirt_context *ctx, int state_dir, const struct rt_record *record, bool gate,
		     struct rt_bundle *b, struct rt_prepared *p, struct err *e);

/* The same for exec in the container of this record; `b` is its saved configuration. */
int rt_prepare_exec(ocirt_context *ctx, const struct rt_record *record, const struct rt_bundle *b,
		    const struct oci_process *process, const struct plan_exec_target *target,
		    const struct ocirt_exec_options *options, struct rt_prepared *p, struct err *e);

/*
 * Where this configuration asks for a cgroup, for a driver's choose(): what create and a lost record's
 * search have in common. Asks for no limits or device rules yet. Borrows from all three.
 */
struct rt_cgroup_request rt_prepare_request(const char *id, const struct oci_config *config,
					    const struct rt_facts *facts);

/*
 * config-linux.md, IntelRdt: which directories of resctrl a container is in, if any; for the facts of
 * FACTS_RESCTRL. -ENOTSUP (E_RDT) when it is not mounted.
 */
int rt_prepare_rdt(const char *id, const struct oci_config *config, struct rt_prepared *p,
		   struct plan_options *o, struct err *e);

void rt_prepared_free(struct rt_prepared *p);

/*
 * The steps of `plan` as text, or as JSON by OCIRT_EXPLAIN_JSON in `flags`, with the fields of `doc`
 * that they come from. *ret is to be freed with free().
 */
int rt_api_print_plan(const struct plan *plan, const struct bind_doc *doc, unsigned int flags,
		      char **ret, struct err *e);

#endif
