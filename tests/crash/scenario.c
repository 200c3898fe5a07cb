/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <stddef.h>

#define HOOK "[{\"path\": \"/bin/busybox\", \"args\": [\"true\"]}]"
#define IDS "[{\"containerID\": 0, \"hostID\": 100000, \"size\": 65536}]"

static const struct patch user_namespace[] = {
	{"linux.namespaces[]", "{\"type\": \"user\"}"},
	{"linux.uidMappings", IDS},
	{"linux.gidMappings", IDS},
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

static const struct patch idmapped[] = {
	{"mounts[]",
	 "{\"destination\": \"/mnt\", \"source\": \"/run/case/host\", \"options\": [\"bind\"], "
	 "\"uidMappings\": " IDS ", \"gidMappings\": " IDS "}"},
	{NULL, NULL},
};

const struct scenario scenarios[] = {
	{"create", NULL, NULL, {NULL}, "create --pid-file /run/case/pid c", true},
	{"create-userns", user_namespace, NULL, {NULL}, "create c", true},
	{"create-hooks", hooks, NULL, {NULL}, "create c", true},
	{"create-deep-cgroup", deep_cgroup, NULL, {NULL}, "create c", true},
	{"create-no-cgroup", NULL, "--cgroup-manager=disabled", {NULL}, "create c", true},
	{"create-shared-pids", shared_pids, NULL, {NULL}, "create c", true},
	{"create-idmapped", idmapped, NULL, {NULL}, "create c", true},
	{"run", hooks, NULL, {NULL}, "run -d --pid-file /run/case/pid c", true},
	{"run-no-cgroup", NULL, "--cgroup-manager=disabled", {NULL}, "run -d c", true},
	/* ends with a delete: when that is what fails, the container is left for another try */
	{"run-foreground", short_program, NULL, {NULL}, "run c", false},
	{"start", hooks, NULL, {"create c"}, "start c", false},
	{"start-userns", user_namespace, NULL, {"create c"}, "start c", false},
	{"exec", NULL, NULL, {"run -d c"}, "exec -d --pid-file /run/case/pid c sleep 1000", true},
	{"exec-userns", user_namespace, NULL, {"run -d c"}, "exec -d c sleep 1000", true},
	{"exec-foreground", NULL, NULL, {"run -d c"}, "exec c true", true},
	{"kill", NULL, NULL, {"run -d c"}, "kill c KILL", false},
	{"delete", hooks, NULL, {"run -d c"}, "delete --force c", false},
	{"delete-created", deep_cgroup, NULL, {"create c"}, "delete c", false},
	{"state", NULL, NULL, {"create c"}, "state c", false},
	{"list", NULL, NULL, {"create c"}, "list", false},
};

const unsigned int n_scenarios = sizeof(scenarios) / sizeof(scenarios[0]);
