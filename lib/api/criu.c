/* SPDX-License-Identifier: Apache-2.0 */
#include "api/criu.h"

#include <errno.h>
#include <linux/sched.h>
#include <unistd.h>

#include "base/str.h"
#include "criu/talk.h"
#include "spec/annotations.h"

#define LOG_LEVEL 4             /* all that CRIU has to say, as runc and crun ask for */
#define VERSION_LSM 31600       /* changes labels as told */
#define VERSION_LOCK_SKIP 31800 /* knows --network-lock skip */

struct word {
	char word[12];
	int value;
};

/* One of the words; unset when none is given. */
static int choose(const char *given, const struct word *words, size_t n, const char *what,
		  int64_t *ret, struct err *e)
{
	if (str_empty(given))
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (streq(given, words[i].word)) {
			*ret = words[i].value;
			return 0;
		}
	}
	return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE, "there is no %s \"%.40s\"", what, given);
}

static int choose_words(const struct ocirt_criu_options *given, int version,
			struct rt_criu_options *ret, struct err *e)
{
	static const struct word modes[] = {
		{"soft", RT_CRIU_CG_SOFT},
		{"full", RT_CRIU_CG_FULL},
		{"strict", RT_CRIU_CG_STRICT},
		{"ignore", RT_CRIU_CG_IGNORE},
	};
	static const struct word locks[] = {
		{"iptables", RT_CRIU_LOCK_IPTABLES},
		{"nftables", RT_CRIU_LOCK_NFTABLES},
		{"skip", RT_CRIU_LOCK_SKIP},
	};

	ret->manage_cgroups_mode = RT_CRIU_CG_SOFT;
	TRY(choose(given->cgroups_mode, modes, ARRAY_SIZE(modes), "way to manage cgroups called",
		   &ret->manage_cgroups_mode, e));
	TRY(choose(given->network_lock, locks, ARRAY_SIZE(locks), "lock of the network called",
		   &ret->network_lock, e));
	if (ret->network_lock == RT_CRIU_LOCK_SKIP && version < VERSION_LOCK_SKIP)
		return err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CRIU,
			       "network lock \"skip\" needs criu 3.18 or newer, this is %d.%d",
			       version / 10000, version / 100 % 100);
	if ((given->lsm_profile || given->lsm_mount_context) && version < VERSION_LSM)
		return err_set(e, ENOTSUP | RT_NO_TEXT, RT_E_CRIU,
			       "another label needs criu 3.16 or newer, this is %d.%d",
			       version / 10000, version / 100 % 100);
	return 0;
}

/* "ADDRESS:PORT", "[ADDRESS]:PORT" */
static int page_server(const char *given, struct rt_criu_options *ret, struct err *e)
{
	const char *colon = strrchr(given, ':');
	char address[256];
	uint64_t port;
	size_t n;

	if (!colon || colon == given || str_to_u64(colon + 1, 1, 65535, &port) < 0)
		return err_set(e, EINVAL | RT_NO_TEXT, RT_E_USAGE,
			       "page server \"%.200s\" is not ADDRESS:PORT", given);
	n = (size_t)(colon - given);
	if (given[0] == '[' && n > 2 && given[n - 1] == ']') {
		given++;
		n -= 2;
	}
	if (str_fmt(address, sizeof(address), "%.*s", (int)n, given) < 0)
		return err_set(e, ENAMETOOLONG, RT_E_USAGE, "address of the page server");
	rt_criu_add_page_server(ret, address, (int)port);
	return 0;
}

/*
 * A file of options that go before ours: the annotation's, where "" is none; else the one that an
 * administrator has written for us, or for other runtimes.
 */
static const char *config_file(const struct oci_config *config)
{
	static const char files[][24] = {"/etc/criu/rt.conf", "/etc/criu/crun.conf",
					 "/etc/criu/runc.conf"};
	const struct str_pair *p = rt_annotation_get(&config->annotations,
						     RT_ANNOTATION_CRIU_CONFIG);

	if (p)
		return *p->value ? p->value : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (access(files[i], R_OK) == 0)
			return files[i];
	return NULL;
}

int rt_api_criu_options(const ocirt_context *ctx, const struct ocirt_criu_options *given,
			const struct rt_facts *facts, const struct oci_config *config,
			struct rt_criu_options *ret, struct err *e)
{
	int version;

	rt_criu_options_init(ret);
	if (!rt_facts_is_root(facts))
		return err_set(e, EPERM | RT_NO_TEXT, RT_E_CRIU,
			       "checkpoint and restore can be done by the host's root only");
	TRY(rt_criu_version(ctx->criu, &version, e));
	TRY(choose_words(given, version, ret, e));
	if (!str_empty(given->page_server))
		TRY(page_server(given->page_server, ret, e));
	TRY(rt_criu_need(ctx->criu,
			 (given->pre_dump ? RT_CRIU_MEM_TRACK : 0) |
				 (given->lazy_pages ? RT_CRIU_LAZY_PAGES : 0),
			 e));
	ret->log_level = LOG_LEVEL;
	ret->notify_scripts = true;
	ret->orphan_pts_master = true;
	ret->tcp_established = given->tcp_established;
	ret->tcp_skip_in_flight = given->tcp_skip_in_flight;
	ret->tcp_close = given->tcp_close;
	ret->ext_unix_sk = given->ext_unix_sk;
	ret->shell_job = given->shell_job;
	ret->file_locks = given->file_locks;
	ret->link_remap = given->link_remap;
	ret->auto_dedup = given->auto_dedup;
	ret->lazy_pages = given->lazy_pages;
	if (given->empty_network)
		ret->empty_ns = CLONE_NEWNET;
	ret->config_file = config_file(config);
	return 0;
}
