/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's unit: what of its limits systemd has a property for, in systemd's terms. They are
 * taken from the lines of cgroup files that plan_limits_prepare() has made, which are written too, in
 * the cgroup below the unit's; so what systemd has no property for holds all the same.
 *
 * Only properties that every systemd since 247 knows: older ones are not on kernels that rt runs on.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

#include "base/str.h"
#include "plan/parts.h"
#include "spec/variant.h"

#define ANNOTATION "org.systemd.property."
#define NO_LIMIT "18446744073709551615" /* UINT64_MAX, systemd's "infinity" */
#define CPUS_MAX 8192                   /* CONFIG_NR_CPUS of the largest kernels */
#define QUOTA_STEP 10000u /* of CPUQuotaPerSecUSec: systemd counts in whole percents */

static struct op_systemd_property *property(struct plan_ctx *c, const void *origin,
					    const char *name, const char *type)
{
	struct op_systemd_property *s = PLAN_ADD(c->b, systemd_property, origin);

	s->name = plan_str(c->b, name);
	s->type = plan_str(c->b, type);
	return s;
}

static void single(struct plan_ctx *c, const void *origin, const char *name, const char *type,
		   const char *value)
{
	c->b->failed |= !value;
	if (value)
		property(c, origin, name, type)->values = plan_strv(c->b, &value, 1);
}

/* ---- limits ---- */

/*
 * "max", or a number as the kernel reads it (memparse()): with blanks around it, 0x or 0 before it, a
 * suffix behind it. False for what is none, and will be refused when it is written to the file.
 */
static bool read_number(const char *text, uint64_t *ret)
{
	static const char blanks[] = " \t\n", suffixes[] = "KMGTPE";
	const char *suffix;
	char *end;

	text += strspn(text, blanks);
	*ret = UINT64_MAX;
	if (str_starts(text, "max"))
		return !text[3 + strspn(text + 3, blanks)];
	errno = 0;
	*ret = strtoull(text, &end, 0);
	if (end == text || *text == '-' || errno)
		return false;
	suffix = *end ? strchr(suffixes, toupper((unsigned char)*end)) : NULL;
	if (suffix) {
		unsigned int shift = 10 * (unsigned int)(suffix - suffixes + 1);

		if (*ret > UINT64_MAX >> shift)
			return false;
		*ret <<= shift;
		end++;
	}
	return !end[strspn(end, blanks)];
}

/* UINT64_MAX, for "max", is what systemd calls "infinity" */
static void number(struct plan_ctx *c, const struct limit *l, const char *name, uint64_t least)
{
	uint64_t n;

	if (read_number(l->value, &n))
		single(c, l->origin, name, "t",
		       arena_printf(c->b->arena, "%" PRIu64, MAX(n, least)));
}

/* "QUOTA PERIOD" or "max PERIOD"; the period may be left out */
static void cpu_max(struct plan_ctx *c, const struct limit *l, const char *name)
{
	size_t len = strcspn(l->value, " ");
	const char *quota = arena_strn(c->b->arena, l->value, len);
	const char *period = l->value[len] ? l->value + len + 1 : "100000";
	uint64_t q, p, usec;

	if (!quota || str_to_u64(period, 1, UINT32_MAX, &p) < 0)
		return;
	if (streq(quota, "max")) {
		single(c, l->origin, name, "t", NO_LIMIT);
	} else if (str_to_u64(quota, 1, UINT64_MAX / 1000000, &q) == 0) {
		usec = (q * 1000000 / p + QUOTA_STEP - 1) / QUOTA_STEP * QUOTA_STEP;
		single(c, l->origin, name, "t", arena_printf(c->b->arena, "%" PRIu64, usec));
	} else {
		return;
	}
	single(c, l->origin, "CPUQuotaPeriodUSec", "t", period);
}

/*
 * Weight 0 is what systemd calls "idle", since 252. Idle no more, the unit has the weight that is
 * given beside it, or else none of its own.
 */
static void cpu_idle(struct plan_ctx *c, const struct limit *l, const char *name)
{
	bool weight = false;

	for (size_t i = 0; i < c->nlimits; i++)
		weight |= streq(c->limits[i].file, "cpu.weight");
	if (streq(l->value, "1"))
		single(c, l->origin, name, "t", "0");
	else if (!weight)
		single(c, l->origin, name, "t", NO_LIMIT);
}

/* "200" or "default 200"; weights of single devices have no property */
static void io_weight(struct plan_ctx *c, const struct limit *l, const char *name)
{
	const char *value = l->value + (str_starts(l->value, "default ") ? strlen("default ") : 0);
	uint64_t n;

	if (str_to_u64(value, 1, 10000, &n) == 0)
		single(c, l->origin, name, "t", value);
}

/* Set the bits of "0-3,7". Returns how many bytes are in use, 0 for what is no such list. */
static size_t parse_set(const char *list, uint8_t bits[CPUS_MAX / 8])
{
	size_t used = 0;
	char *end;

	while (*list) {
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (end == list)
			return 0;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (last < first || last >= CPUS_MAX)
			return 0;
		for (unsigned long i = first; i <= last; i++)
			bits[i / 8] |= (uint8_t)(1u << i % 8);
		used = MAX(used, last / 8 + 1);
		list = end + (*end == ',' || *end == '\n');
		if (list == end && *list)
			return 0;
	}
	return used;
}

/* A set as the bytes of a bit mask. A malformed one is left to the kernel, who says so. */
static void set(struct plan_ctx *c, const struct limit *l, const char *name)
{
	uint8_t bits[CPUS_MAX / 8] = {0};
	size_t n = parse_set(l->value, bits);
	struct op_strv v;

	if (n == 0)
		return;
	v = plan_strv_new(c->b, n);
	for (size_t i = 0; i < n; i++)
		plan_strv_set(c->b, v, i, plan_strf(c->b, "%u", bits[i]));
	property(c, l->origin, name, "ay")->values = v;
}

enum form { NUMBER, TASKS, CPU_MAX, CPU_IDLE, IO_WEIGHT, SET };

static const struct {
	char file[16], name[20];
	enum form form;
} rows[] = {
	{"cpu.weight", "CPUWeight", NUMBER},          {"cpu.idle", "CPUWeight", CPU_IDLE},
	{"cpu.max", "CPUQuotaPerSecUSec", CPU_MAX},   {"cpuset.cpus", "AllowedCPUs", SET},
	{"cpuset.mems", "AllowedMemoryNodes", SET},   {"io.weight", "IOWeight", IO_WEIGHT},
	{"memory.min", "MemoryMin", NUMBER},          {"memory.low", "MemoryLow", NUMBER},
	{"memory.high", "MemoryHigh", NUMBER},        {"memory.max", "MemoryMax", NUMBER},
	{"memory.swap.max", "MemorySwapMax", NUMBER}, {"pids.max", "TasksMax", TASKS},
};

static void limit(struct plan_ctx *c, const struct limit *l, const char *name, enum form form)
{
	switch (form) {
	case NUMBER:
		return number(c, l, name, 0);
	case TASKS:
		/*
		 * The process that clones the container's first one is in the unit for a moment too. The
		 * exact number is in the file of the container's own cgroup.
		 */
		return number(c, l, name, 2);
	case CPU_MAX:
		return cpu_max(c, l, name);
	case CPU_IDLE:
		return cpu_idle(c, l, name);
	case IO_WEIGHT:
		return io_weight(c, l, name);
	case SET:
		return set(c, l, name);
	}
}

static void limits(struct plan_ctx *c)
{
	for (size_t i = 0; i < c->nlimits; i++)
		for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
			if (streq(c->limits[i].file, rows[k].file))
				limit(c, &c->limits[i], rows[k].name, rows[k].form);
}

/* ---- annotations ---- */

/*
 * What an annotation may set: resources (systemd.resource-control(5)), how processes are ended
 * (systemd.kill(5)), and the place among other units. Not what acts on the host (SuccessAction
 * powers it off: CVE-2024-3154), nor what the runtime itself sets.
 */
static const char allowed[][32] = {
	"After",
	"AllowedCPUs",
	"AllowedMemoryNodes",
	"Before",
	"BindsTo",
	"BlockIOAccounting",
	"BlockIODeviceWeight",
	"BlockIOReadBandwidth",
	"BlockIOWeight",
	"BlockIOWriteBandwidth",
	"CPUAccounting",
	"CPUQuotaPerSecUSec",
	"CPUQuotaPeriodUSec",
	"CPUShares",
	"CPUWeight",
	"CollectMode",
	"Conflicts",
	"CoredumpReceive",
	"DefaultMemoryLow",
	"DefaultMemoryMin",
	"DefaultStartupMemoryLow",
	"Description",
	"DeviceAllow",
	"DevicePolicy",
	"DisableControllers",
	"Documentation",
	"FinalKillSignal",
	"IOAccounting",
	"IODeviceLatencyTargetUSec",
	"IODeviceWeight",
	"IOReadBandwidthMax",
	"IOReadIOPSMax",
	"IOWeight",
	"IOWriteBandwidthMax",
	"IOWriteIOPSMax",
	"IPAccounting",
	"IPAddressAllow",
	"IPAddressDeny",
	"KillMode",
	"KillSignal",
	"LogRateLimitBurst",
	"LogRateLimitIntervalUSec",
	"ManagedOOMMemoryPressure",
	"ManagedOOMMemoryPressureLimit",
	"ManagedOOMPreference",
	"ManagedOOMSwap",
	"MemoryAccounting",
	"MemoryHigh",
	"MemoryLow",
	"MemoryMax",
	"MemoryMin",
	"MemoryPressureThresholdUSec",
	"MemoryPressureWatch",
	"MemorySwapMax",
	"MemoryZSwapMax",
	"MemoryZSwapWriteback",
	"OOMPolicy",
	"PartOf",
	"RequiresMountsFor",
	"RestartKillSignal",
	"RuntimeMaxUSec",
	"RuntimeRandomizedExtraUSec",
	"SendSIGHUP",
	"SendSIGKILL",
	"StartupAllowedCPUs",
	"StartupAllowedMemoryNodes",
	"StartupBlockIOWeight",
	"StartupCPUShares",
	"StartupCPUWeight",
	"StartupIOWeight",
	"StartupMemoryHigh",
	"StartupMemoryLow",
	"StartupMemoryMax",
	"StartupMemorySwapMax",
	"TasksAccounting",
	"TasksMax",
	"TimeoutStopUSec",
	"Wants",
	"WatchdogSignal",
};

/* The name without the prefix, in the form that D-Bus has: TimeoutStopSec is TimeoutStopUSec. */
static const char *dbus_name(struct plan_ctx *c, const char *name, bool *ret_seconds)
{
	size_t n = strlen(name);

	*ret_seconds = n > 4 && streq(name + n - 3, "Sec") && name[n - 4] >= 'a' &&
		       name[n - 4] <= 'z';
	if (!*ret_seconds)
		return name;
	return arena_printf(c->b->arena, "%.*sUSec", (int)(n - 3), name);
}

static bool is_allowed(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		if (streq(allowed[i], name))
			return true;
	return false;
}

/* Seconds, of any type of number, as microseconds; "infinity" as systemd has it. */
static int to_usec(struct plan_ctx *c, struct rt_variant *v)
{
	double seconds = strtod(v->values[0], NULL);

	if (v->type[1] || !strchr("ynqiuxtd", v->type[0]) || seconds < 0 || seconds > 1e12)
		return err_set(c->e, EINVAL | RT_NO_TEXT, RT_E_CONFIG,
			       "seconds must be a number that is not negative");
	v->type = "t";
	v->values[0] = arena_printf(c->b->arena, "%" PRIu64, (uint64_t)(seconds * 1e6));
	return v->values[0] ? 0 : err_nomem(c->e);
}

static int check_name(struct plan_ctx *c, const char *name)
{
	size_t letters = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	if (letters < 3 || name[letters])
		return err_set(c->e, EINVAL | RT_NO_TEXT, RT_E_CONFIG,
			       "\"%.100s\" is no name of a property, which has letters only", name);
	return 0;
}

static int annotation(struct plan_ctx *c, const struct str_pair *entry)
{
	const char *name = entry->key + strlen(ANNOTATION);
	struct rt_variant v;
	bool seconds;

	TRY(check_name(c, name));
	name = dbus_name(c, name, &seconds);
	if (!name)
		return err_nomem(c->e);
	if (!is_allowed(name))
		return err_set(c->e, EINVAL | RT_NO_TEXT, RT_E_CONFIG,
			       "an annotation may not set the property \"%s\" of a unit", name);
	TRY(rt_variant_parse(c->b->arena, entry->value, &v, c->e));
	if (seconds)
		TRY(to_usec(c, &v));
	property(c, entry, name, v.type)->values = plan_strv(c->b, v.values, v.n);
	return 0;
}

static int annotations(struct plan_ctx *c)
{
	const struct str_map *list = &c->config->annotations;

	for (size_t i = 0; i < list->n; i++)
		if (str_starts(list->v[i].key, ANNOTATION) && annotation(c, &list->v[i]) < 0)
			return err_field(c->e, "annotations[%s]", list->v[i].key);
	return 0;
}

/* ---- the unit ---- */

/*
 * systemd.scope(5). CollectMode: a unit that has failed, of an out-of-memory kill for one, goes by
 * itself. Without default dependencies the host's shutdown does not end it before those that use it.
 */
static void common(struct plan_ctx *c)
{
	static const char *const accounting[] = {"MemoryAccounting", "CPUAccounting",
						 "IOAccounting", "TasksAccounting"};
	const void *origin = &c->linux->cgroups_path;
	bool is_slice = c->opt->unit_is_slice;

	single(c, origin, "Description", "s",
	       arena_printf(c->b->arena, "rt container %s", c->opt->id));
	single(c, origin, is_slice ? "Wants" : "Slice", is_slice ? "as" : "s", c->opt->unit_slice);
	if (!is_slice)
		single(c, origin, "Delegate", "b", "true");
	for (size_t i = 0; i < ARRAY_SIZE(accounting); i++)
		single(c, origin, accounting[i], "b", "true");
	single(c, origin, "DefaultDependencies", "b", "false");
	single(c, origin, "CollectMode", "s", "inactive-or-failed");
}

int plan_systemd(struct plan_ctx *c)
{
	struct op_systemd_unit *s;

	if (str_empty(c->opt->unit))
		return 0;
	common(c);
	limits(c);
	TRY(annotations(c));
	s = PLAN_ADD(c->b, systemd_unit, &c->linux->cgroups_path);
	s->unit = plan_str(c->b, c->opt->unit);
	s->subgroup = plan_str(c->b, c->opt->unit_subgroup);
	s->user = c->opt->unit_user;
	plan_cgroup_delegate(c);
	if (plan_enters_cgroup(c))
		PLAN_ADD(c->b, cgroup_enter, &c->linux->namespaces);
	return 0;
}

void plan_systemd_change(struct plan_ctx *c)
{
	size_t before = c->b->nsteps;
	struct op_systemd_change *s;

	if (str_empty(c->opt->unit))
		return;
	limits(c);
	if (c->b->nsteps == before)
		return;
	s = PLAN_ADD(c->b, systemd_change, c->linux->resources);
	s->unit = plan_str(c->b, c->opt->unit);
	s->user = c->opt->unit_user;
}
