/* SPDX-License-Identifier: Apache-2.0 */
#include "sec/filter.h"

#include <errno.h>
#include <linux/bpf_common.h>
#include <linux/seccomp.h>

#include "sec/args.h"

/* Indices of `leaves`; what is behind is made from the rules. */
enum { LEAF_DEFAULT, LEAF_NEWER, LEAF_BAD_ARCH, LEAF_RULES };

#define LEAVES_MAX 16384 /* each costs two instructions or more, of which there are 4096 */
#define LEAVES_FIRST 64
#define LEAVES_LOOK 32   /* that many leaves back it is looked for one to share */
#define ALL_CONDITIONS SIZE_MAX
#define X32_FIRST 0x40000000u
#define NO_CALL UINT32_MAX /* -1, what a tracer writes to skip a call: seccomp(2) */
#define RET_FRESH 100      /* a RET farther away than this is written anew */

/* What answers a system call: an action, or a list of rules. */
struct leaf {
	const struct filter_rule *rule; /* NULL: `action`, whatever the arguments are */
	const struct rt_syscall_arch *arch;
	uint32_t action;
	uint16_t match; /* the leaf with the rule's bare action */
	uint16_t more;  /* the leaf before this rule came; LEAF_DEFAULT ends the list */
	uint8_t call;   /* not 0: argument 0 must be this call of socketcall(2) or ipc(2) */
	bool written;
	size_t only; /* index of the one condition that counts, or ALL_CONDITIONS */
	bpf_label label;
};

struct range {
	uint32_t start;
	uint16_t leaf;
};

/* The work on one section. */
struct section {
	struct bpf_out *o;
	struct arena *arena;
	const struct filter *f;
	const struct rt_syscall_arch *arch; /* of the slots that are being filled */
	struct leaf *leaves;
	size_t n_leaves, leaves_max; /* room, which grows */
	uint16_t rule_match; /* leaf with the bare action of the rule that is being added */
	struct range *ranges;
	size_t n_ranges;
	uint16_t *slots;           /* leaf of each slot */
	const struct leaf **order; /* room for the rules of one call */
};

/* ---- rules ---- */

/*
 * The conditions of a leaf by argument; returns how many. The call of a multiplexer takes the place
 * of argument 0, as in libseccomp.
 */
static size_t conditions(const struct leaf *leaf, struct oci_seccomp_arg ret[ARGS_MAX])
{
	size_t n = 0;

	if (leaf->call)
		ret[n++] = (struct oci_seccomp_arg){.op = OCI_SECCOMP_OP_EQ, .value = leaf->call};
	for (uint32_t index = leaf->call ? 1 : 0; index < ARGS_MAX; index++)
		for (size_t i = 0; i < leaf->rule->n_args; i++) {
			const struct oci_seccomp_arg *arg = &leaf->rule->args[i];
			bool counts = leaf->only == ALL_CONDITIONS || leaf->only == i;

			if (counts && arg->index == index && sec_arg_asks(leaf->arch, arg))
				ret[n++] = *arg;
		}
	return n;
}

/* Twice the room. */
static bool grow_leaves(struct section *s)
{
	size_t max = 2 * s->leaves_max;
	struct leaf *more = max > LEAVES_MAX ? NULL : ARENA_ARRAY(s->arena, max, struct leaf);

	if (!more) {
		s->o->failed = true;
		return false;
	}
	memcpy(more, s->leaves, s->n_leaves * sizeof(*more));
	s->leaves = more;
	s->leaves_max = max;
	return true;
}

static uint16_t add_leaf(struct section *s, struct leaf leaf)
{
	if (s->n_leaves == s->leaves_max && !grow_leaves(s))
		return LEAF_DEFAULT;
	s->leaves[s->n_leaves] = leaf;
	return (uint16_t)s->n_leaves++;
}

static uint16_t action_leaf(struct section *s, uint32_t action)
{
	for (size_t i = LEAF_RULES; i < s->n_leaves; i++)
		if (!s->leaves[i].rule && s->leaves[i].action == action)
			return (uint16_t)i;
	return add_leaf(s, (struct leaf){.action = action});
}

static bool same_question(const struct leaf *a, const struct leaf *b)
{
	return a->rule == b->rule && a->arch == b->arch && a->only == b->only && a->call == b->call;
}

/* The same list of rules shares a leaf, where that is found cheaply. */
static uint16_t rule_leaf(struct section *s, const struct leaf *leaf)
{
	size_t first = s->n_leaves > LEAVES_LOOK ? s->n_leaves - LEAVES_LOOK : 0;

	for (size_t i = s->n_leaves; i-- > first;)
		if (same_question(&s->leaves[i], leaf) && s->leaves[i].more == leaf->more)
			return (uint16_t)i;
	return add_leaf(s, *leaf);
}

/* Let a rule, or one condition of it, answer for a slot beside what is there already. */
static void add_condition(struct section *s, uint16_t slot, const struct filter_rule *rule,
			  size_t only, uint8_t call)
{
	struct leaf leaf = {.rule = rule,
			    .arch = s->arch,
			    .match = s->rule_match,
			    .more = s->slots[slot],
			    .call = call,
			    .only = only};
	struct oci_seccomp_arg unused[ARGS_MAX];

	if (leaf.more >= LEAF_RULES && !s->leaves[leaf.more].rule)
		return; /* the first rule without conditions has the last word */
	if (same_question(&s->leaves[leaf.more], &leaf))
		return; /* a name twice in one rule */
	s->slots[slot] = conditions(&leaf, unused) ? rule_leaf(s, &leaf) : s->rule_match;
}

static void add_to_slot(struct section *s, uint16_t slot, const struct filter_rule *rule,
			uint8_t call)
{
	if (slot == RT_NO_SYSCALL)
		return;
	if (!rule->separate)
		add_condition(s, slot, rule, ALL_CONDITIONS, call);
	else
		for (size_t i = 0; i < rule->n_args; i++)
			add_condition(s, slot, rule, i, call);
}

static void add_rule(struct section *s, const struct filter_rule *rule)
{
	if (s->leaves[s->rule_match].action != rule->action || !s->rule_match)
		s->rule_match = action_leaf(s, rule->action);
	for (size_t i = 0; i < rule->n_ids; i++) {
		uint8_t call = 0;
		uint16_t mux = rt_syscall_mux(s->arch, rule->ids[i], &call);

		add_to_slot(s, mux, rule, call);
		add_to_slot(s, rt_syscall_slot(s->arch, rule->ids[i]), rule, 0);
	}
}

/*
 * Which rule is asked first? It matters only if both match and their actions differ; then it is
 * libseccomp's order that peers have, else the profile's.
 */
static int compare_rules(const void *a, const void *b)
{
	const struct leaf *x = *(const struct leaf *const *)a, *y = *(const struct leaf *const *)b;
	struct oci_seccomp_arg args_x[ARGS_MAX], args_y[ARGS_MAX];
	size_t n_x = conditions(x, args_x), n_y = conditions(y, args_y);
	int r = sec_arg_compare(x->arch, args_x, n_x, args_y, n_y);

	return r ? r : x < y ? -1 : 1;
}

/* ---- code ---- */

static bpf_label write_action(struct section *s, struct leaf *leaf)
{
	if (!leaf->written || s->o->n - leaf->label > RET_FRESH)
		leaf->label = sec_bpf_ret(s->o, leaf->action);
	leaf->written = true;
	return leaf->label;
}

static bpf_label write_rules(struct section *s, struct leaf *list)
{
	struct oci_seccomp_arg args[ARGS_MAX];
	bpf_label next = write_action(s, &s->leaves[LEAF_DEFAULT]);
	size_t n = 0;

	for (const struct leaf *l = list; l->rule; l = &s->leaves[l->more])
		s->order[n++] = l;
	qsort(s->order, n, sizeof(s->order[0]), compare_rules);
	while (n > 0) {
		const struct leaf *l = s->order[--n];
		bpf_label no = next;

		next = write_action(s, &s->leaves[l->match]);
		for (size_t i = conditions(l, args); i-- > 0;)
			next = sec_arg_write(s->o, l->arch, &args[i], next, no);
	}
	list->written = true;
	return list->label = next;
}

/* The label of a leaf's code, written now if it was not yet. */
static bpf_label write_leaf(struct section *s, uint16_t index)
{
	struct leaf *leaf = &s->leaves[index];

	if (!leaf->rule)
		return write_action(s, leaf);
	return leaf->written ? leaf->label : write_rules(s, leaf);
}

/* The balanced tree over the ranges lo..hi-1. */
static bpf_label write_tree(struct section *s, size_t lo, size_t hi)
{
	size_t mid = lo + (hi - lo) / 2;
	bpf_label below, above;

	if (hi - lo == 1)
		return write_leaf(s, s->ranges[lo].leaf);
	above = write_tree(s, mid, hi);
	below = write_tree(s, lo, mid);
	return sec_bpf_jump(s->o, BPF_JGE, s->ranges[mid].start, above, below);
}

/* ---- numbers ---- */

/* From this number on, the leaf answers. Numbers grow from call to call. */
static void add_range(struct section *s, uint32_t start, uint16_t leaf)
{
	struct range *last = s->n_ranges > 0 ? &s->ranges[s->n_ranges - 1] : NULL;

	if (last && last->start == start)
		last->leaf = leaf;
	else if (!last || last->leaf != leaf)
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is room for all, see rt_sec_filter */
		s->ranges[s->n_ranges++] = (struct range){start, leaf};
}

/* The highest slot that the profile names, ARM's private calls aside; -1 when there is none. */
static int highest_named(const struct section *s)
{
	uint16_t private = rt_syscall_private_slot();
	int highest = -1;
	uint8_t call;

	for (size_t i = 0; i < s->f->n_named; i++) {
		uint16_t slot = rt_syscall_slot(s->arch, s->f->named[i]);
		uint16_t mux = rt_syscall_mux(s->arch, s->f->named[i], &call);

		if (slot < private && slot > highest)
			highest = slot;
		if (mux < private && mux > highest)
			highest = mux;
	}
	return highest;
}

/* The ranges of one architecture, whose numbers begin at `first`. */
static void add_arch(struct section *s, enum oci_seccomp_arch arch, uint32_t first)
{
	bool s390 = arch == OCI_SECCOMP_ARCH_S390 || arch == OCI_SECCOMP_ARCH_S390X;
	uint16_t private = rt_syscall_private_slot(), beyond;
	int highest;

	s->arch = rt_syscall_arch(arch);
	memset(s->slots, 0, s->arch->slots * sizeof(s->slots[0]));
	for (size_t i = 0; i < s->f->n_rules; i++)
		add_rule(s, &s->f->rules[i]);
	highest = highest_named(s);
	beyond = s->f->newer_enosys && highest >= 0 ? LEAF_NEWER : LEAF_DEFAULT;

	add_range(s, first, LEAF_DEFAULT);
	for (uint16_t i = 0; i < s->arch->slots; i++) {
		uint32_t number = rt_syscall_number(s->arch, i);
		uint16_t leaf = s->slots[i];

		if (i == private)
			add_range(s, rt_syscall_number(s->arch, private - 1) + 1, beyond);
		/* what the kernel of s390 does not know arrives there as number 0, setup(2) */
		if (leaf == LEAF_DEFAULT && (i > highest || (s390 && i == 0)))
			leaf = beyond;
		add_range(s, number, leaf);
	}
	add_range(s, rt_syscall_number(s->arch, s->arch->slots - 1) + 1, beyond);
}

static int section_room(struct section *s)
{
	size_t slots = 0;

	for (enum oci_seccomp_arch i = 0; i < OCI_SECCOMP_ARCH_MAX; i++)
		slots = MAX(slots, (size_t)rt_syscall_arch(i)->slots);
	s->leaves_max = LEAVES_FIRST;
	s->leaves = ARENA_ARRAY(s->arena, s->leaves_max, struct leaf);
	s->slots = ARENA_ARRAY(s->arena, slots, uint16_t);
	/* x86_64 and x32, and what lies around them */
	s->ranges = ARENA_ARRAY(s->arena, 2 * (slots + 4), struct range);
	return s->leaves && s->slots && s->ranges ? 0 : -ENOMEM;
}

int sec_filter_section(struct bpf_out *o, struct arena *a, const struct filter *f,
		       enum oci_seccomp_arch arch, bool with_x32, bpf_label *ret)
{
	struct section s = {.o = o, .arena = a, .f = f, .n_leaves = LEAF_RULES};

	if (section_room(&s) < 0)
		return -ENOMEM;
	s.leaves[LEAF_DEFAULT].action = f->default_action;
	s.leaves[LEAF_NEWER].action = SECCOMP_RET_ERRNO | ENOSYS;
	s.leaves[LEAF_BAD_ARCH].action = SECCOMP_RET_KILL_THREAD;

	add_arch(&s, arch, 0);
	if (with_x32)
		add_arch(&s, OCI_SECCOMP_ARCH_X32, X32_FIRST);
	else if (arch == OCI_SECCOMP_ARCH_X86_64)
		add_range(&s, X32_FIRST, LEAF_BAD_ARCH);
	add_range(&s, NO_CALL, LEAF_DEFAULT);

	s.order = ARENA_ARRAY(a, s.n_leaves, const struct leaf *);
	if (!s.order)
		return -ENOMEM;
	*ret = sec_bpf_load(o, offsetof(struct seccomp_data, nr), write_tree(&s, 0, s.n_ranges));
	return 0;
}
