/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of CRIU's interface (https://criu.org/RPC, rpc.proto), as far as a container needs
 * them: a request with options, an answer, and notices between the two. Pure.
 */
#ifndef RT_CRIU_RPC_H
#define RT_CRIU_RPC_H

#include "criu/wire.h"

/* enum criu_req_type */
enum rt_criu_type {
	RT_CRIU_DUMP = 1,
	RT_CRIU_RESTORE = 2,
	RT_CRIU_PRE_DUMP = 4,
	RT_CRIU_NOTIFY = 6,
	RT_CRIU_FEATURE_CHECK = 9,
	RT_CRIU_VERSION = 10,
};

/* enum criu_cg_mode, enum criu_network_lock_method */
enum { RT_CRIU_CG_IGNORE, RT_CRIU_CG_SOFT = 3, RT_CRIU_CG_FULL, RT_CRIU_CG_STRICT };
enum { RT_CRIU_LOCK_IPTABLES = 1, RT_CRIU_LOCK_NFTABLES, RT_CRIU_LOCK_SKIP };

#define RT_CRIU_UNSET (-1) /* an INT that is not sent */

/* message criu_opts: X(kind, member, number of the field) */
#define RT_CRIU_OPTIONS(X)                                                                         \
	X(INT, images_dir_fd, 1) /* of ours: CRIU opens it below /proc/<our pid>/fd */            \
	X(INT, pid, 2)                                                                             \
	X(BOOL, leave_running, 3)                                                                  \
	X(BOOL, ext_unix_sk, 4)                                                                    \
	X(BOOL, tcp_established, 5)                                                                \
	X(BOOL, evasive_devices, 6)                                                                \
	X(BOOL, shell_job, 7)                                                                      \
	X(BOOL, file_locks, 8)                                                                     \
	X(INT, log_level, 9)                                                                       \
	X(TEXT, log_file, 10)                                                                      \
	X(BOOL, notify_scripts, 12)                                                                \
	X(TEXT, root, 13)                                                                          \
	X(TEXT, parent_img, 14)                                                                    \
	X(BOOL, track_mem, 15)                                                                     \
	X(BOOL, auto_dedup, 16)                                                                    \
	X(INT, work_dir_fd, 17)                                                                    \
	X(BOOL, link_remap, 18)                                                                    \
	X(BOOL, rst_sibling, 26) /* what is restored becomes our child, not CRIU's */             \
	X(BOOL, ext_masters, 30)                                                                   \
	X(INT, manage_cgroups_mode, 34)                                                            \
	X(INT, empty_ns, 38)                                                                       \
	X(TEXT, freeze_cgroup, 44)                                                                 \
	X(BOOL, tcp_skip_in_flight, 46)                                                            \
	X(BOOL, lazy_pages, 48)                                                                    \
	X(BOOL, orphan_pts_master, 50)                                                             \
	X(TEXT, config_file, 51)                                                                   \
	X(BOOL, tcp_close, 52)                                                                     \
	X(TEXT, lsm_profile, 53)                                                                   \
	X(TEXT, cgroup_yard, 60)                                                                   \
	X(TEXT, lsm_mount_context, 63)                                                             \
	X(INT, network_lock, 64)

struct rt_criu_options {
#define RT_CRIU_MEMBER_INT(m) int64_t m;
#define RT_CRIU_MEMBER_BOOL(m) bool m;
#define RT_CRIU_MEMBER_TEXT(m) const char *m; /* borrowed; NULL: not sent */
#define X(kind, member, number) RT_CRIU_MEMBER_##kind(member)
	RT_CRIU_OPTIONS(X)
#undef X
	struct strbuf lists; /* the fields that may come more than once, as bytes */
};

/* Nothing is set. Free in any case. */
void rt_criu_options_init(struct rt_criu_options *o);
void rt_criu_options_free(struct rt_criu_options *o);

/* A mount whose content is not CRIU's business: key and value as CRIU's --ext-mount-map has them. */
void rt_criu_add_mount(struct rt_criu_options *o, const char *key, const char *value);
/* A descriptor of the started criu's that takes the place of what the images call `key`. */
void rt_criu_add_inherited(struct rt_criu_options *o, const char *key, int fd);
/* --external, --join-ns, --cgroup-root, and the page server. */
void rt_criu_add_external(struct rt_criu_options *o, const char *what);
void rt_criu_add_join(struct rt_criu_options *o, const char *ns, const char *path);
void rt_criu_add_cgroup_root(struct rt_criu_options *o, const char *path);
void rt_criu_add_page_server(struct rt_criu_options *o, const char *address, int port);

#define RT_CRIU_MEM_TRACK 1u
#define RT_CRIU_LAZY_PAGES 2u

/* Append a request: options for DUMP, PRE_DUMP and RESTORE, features for FEATURE_CHECK. */
void rt_criu_request(enum rt_criu_type type, const struct rt_criu_options *options,
		     unsigned features, struct strbuf *out);

/* Append the reply to a notice. */
void rt_criu_reply(bool success, struct strbuf *out);

/* message criu_resp; what is not there is zero. Texts are in the arena. */
struct rt_criu_answer {
	int type;
	bool success;
	int no;              /* cr_errno */
	const char *message; /* cr_errmsg */
	int pid;             /* of what was restored, or a notice is about */
	const char *notice;  /* "post-restore" */
	unsigned features;
	int version;         /* 31701 is 3.17.1 */
};

/* Returns 0, -EBADMSG, -ENOMEM. */
int rt_criu_parse(struct arena *a, const void *bytes, size_t len, struct rt_criu_answer *ret);

#endif
