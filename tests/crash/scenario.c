/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <stddef.h>

#define HOOK "[{\"path\": \"/bin/busybox\", \"args\": [\"true\"]}]"
#define IDS "[{\"containerID\": 0, \"hostID\": 100000, \"size\": 65536}]"
#define LIMITS "/run/case/limits.json"
#define PROCESS "/run/case/process.json"
#define IMAGES "/run/case/rootfs/images"
#define CHECKPOINT "checkpoint --image-path " IMAGES " c"

static const struct patch user_namespace[] = {
	{"linux.namespaces[]", "{\"type\": \"user\"}"},
	{"linux.uidMappings", IDS},
	{"linux.gidMappings", IDS},
	{NULL, NULL},
};

/* Devices are bound from the host's /dev there, which in a sandbox has the usual ones only. */
static const struct patch rich_user_namespace[] = {
	{"linux.namespaces[]", "{\"type\": \"user\"}"},
	{"linux.uidMappings", IDS},
	{"linux.gidMappings", IDS},
	{"linux.devices", "[]"},
	{NULL, NULL},
};

static const struct patch hooks[] = {
	{"hooks.prestart", HOOK},
	{"hooks.createRuntime", HOOK},
	{"hooks.createContainer", HOOK},
	{"hooks.startContainer", HOOK},
	{"hooks.poststart", HOOK},
	{"hooks.poststop", HOOK},
	{NULL, NULL},
};

static const struct patch deep_cgroup[] = {
	{"linux.cgroupsPath", "\"/a/b/c\""},
	{NULL, NULL},
};

static const struct patch shared_pids[] = {
	{"linux.namespaces[pid].path", "\"/proc/1/ns/pid\""},
	{NULL, NULL},
};

static const struct patch short_program[] = {
	{"process.args", "[\"/bin/true\"]"},
	{NULL, NULL},
};

static const struct patch long_program[] = {
	{"process.args", "[\"/bin/sleep\", \"1000\"]"},
	{NULL, NULL},
};

static const struct patch idmapped[] = {
	{"mounts[]",
	 "{\"destination\": \"/mnt\", \"source\": \"/run/case/host\", \"options\": [\"bind\"], "
	 "\"uidMappings\": " IDS ", \"gidMappings\": " IDS "}"},
	{NULL, NULL},
};

/* Without a network of its own: criu takes iptables for that. */
static const struct patch to_dump[] = {
	{"linux.namespaces", "[{\"type\": \"pid\"}, {\"type\": \"ipc\"}, {\"type\": \"uts\"}, "
			     "{\"type\": \"mount\"}, {\"type\": \"cgroup\"}]"},
	{NULL, NULL},
};

const struct scenario scenarios[] = {
	{"create", NULL, NULL, {NULL}, "create --pid-file /run/case/pid c", NULL, MAKES},
	{"create-userns", user_namespace, NULL, {NULL}, "create c", NULL, MAKES},
	{"create-hooks", hooks, NULL, {NULL}, "create c", NULL, MAKES},
	{"create-deep-cgroup", deep_cgroup, NULL, {NULL}, "create c", NULL, MAKES},
	{"create-no-cgroup", NULL, "--cgroup-manager=disabled", {NULL}, "create c", NULL, MAKES},
	{"create-shared-pids", shared_pids, NULL, {NULL}, "create c", NULL, MAKES},
	{"create-idmapped", idmapped, NULL, {NULL}, "create c", NULL, MAKES},
	{"create-rich", NULL, NULL, {NULL}, "create c", "start c", MAKES | SEES | RICH},
	{"create-rich-userns", rich_user_namespace, NULL, {NULL}, "create c", "start c",
	 MAKES | SEES | RICH},
	{"run", hooks, NULL, {NULL}, "run -d --pid-file /run/case/pid c", NULL, MAKES},
	{"run-no-cgroup", NULL, "--cgroup-manager=disabled", {NULL}, "run -d c", NULL, MAKES},
	/* ends with a delete: when that is what fails, the container is left for another try */
	{"run-foreground", short_program, NULL, {NULL}, "run c", NULL, WAITS},
	{"run-rich", NULL, NULL, {NULL}, "run c", NULL, SEES | RICH | WAITS},
	{"run-rich-userns", rich_user_namespace, NULL, {NULL}, "run c", NULL, SEES | RICH | WAITS},
	{"start", hooks, NULL, {"create c"}, "start c", NULL, 0},
	{"start-userns", user_namespace, NULL, {"create c"}, "start c", NULL, 0},
	{"start-rich", NULL, NULL, {"create c"}, "start c", NULL, SEES | RICH},
	{"exec", NULL, NULL, {"run -d c"}, "exec -d --pid-file /run/case/pid c sleep 1000", NULL,
	 MAKES},
	{"exec-userns", user_namespace, NULL, {"run -d c"}, "exec -d c sleep 1000", NULL, MAKES},
	{"exec-foreground", NULL, NULL, {"run -d c"}, "exec c true", NULL, MAKES | WAITS},
	{"exec-rich", long_program, NULL, {"run -d c"}, "exec --process " PROCESS " c", NULL,
	 MAKES | SEES | RICH | WAITS},
	{"update", NULL, NULL, {"run -d c"}, "update --resources " LIMITS " c", NULL, RESTORES},
	{"pause", NULL, NULL, {"run -d c"}, "pause c", NULL, RESTORES},
	{"resume", NULL, NULL, {"run -d c", "pause c"}, "resume c", NULL, 0},
	{"kill", NULL, NULL, {"run -d c"}, "kill c KILL", NULL, 0},
	{"delete", hooks, NULL, {"run -d c"}, "delete --force c", NULL, 0},
	{"delete-created", deep_cgroup, NULL, {"create c"}, "delete c", NULL, 0},
	{"delete-paused", NULL, NULL, {"run -d c", "pause c"}, "delete --force c", NULL, 0},
	{"checkpoint", to_dump, NULL, {"run -d c"}, CHECKPOINT, NULL, DUMPS},
	{"checkpoint-pre-dump", to_dump, NULL, {"run -d c"}, "checkpoint --pre-dump --image-path " IMAGES " c", NULL, DUMPS | RESTORES},
	{"checkpoint-restore", to_dump, NULL, {"run -d c", CHECKPOINT}, "restore -d --image-path " IMAGES " c",
	 NULL, DUMPS | MAKES},
	{"state", NULL, NULL, {"create c"}, "state c", NULL, 0},
	{"list", NULL, NULL, {"create c"}, "list", NULL, 0},
};

const unsigned int n_scenarios = sizeof(scenarios) / sizeof(scenarios[0]);
