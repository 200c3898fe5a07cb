/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From device rules to a program. The rules are first turned into what they come to: for each type
 * ranges of major numbers, for each of them ranges of minor numbers, for each of those the kinds of
 * access that are allowed. Then each list of ranges becomes a balanced tree of comparisons; equal
 * lists share one.
 *
 * The program is written backwards, from its answers to its entry, so that the target of each jump
 * is known when the jump is written.
 */
#include "cgroup/devices.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>

#include "base/str.h"

#define ANY (-1)   /* in a rule: every number */
#define OTHER (-2) /* in a question: a number that no rule names */
#define RANGES_MAX 15000
#define INSNS_MAX 32000 /* what an offset of a jump reaches; RANGES_MAX needs less */

enum { READ = BPF_DEVCG_ACC_READ, WRITE = BPF_DEVCG_ACC_WRITE, MKNOD = BPF_DEVCG_ACC_MKNOD };
enum { ALL_ACCESS = READ | WRITE | MKNOD };

/* Registers of the program. */
enum { R_ACCESS = BPF_REG_2, R_TYPE = BPF_REG_3, R_MAJOR = BPF_REG_4, R_MINOR = BPF_REG_5 };

struct rule {
	enum oci_device_rule_type type;
	int64_t major, minor;
	uint8_t access;
	bool allow;
};

/* What every container has, after its own rules: as runc and crun. */
static const struct rule defaults[] = {
	{OCI_DEVICE_RULE_ALL, ANY, ANY, MKNOD, true},
	{OCI_DEVICE_RULE_CHAR, 1, 3, ALL_ACCESS, true},     /* null */
	{OCI_DEVICE_RULE_CHAR, 1, 5, ALL_ACCESS, true},     /* zero */
	{OCI_DEVICE_RULE_CHAR, 1, 7, ALL_ACCESS, true},     /* full */
	{OCI_DEVICE_RULE_CHAR, 1, 8, ALL_ACCESS, true},     /* random */
	{OCI_DEVICE_RULE_CHAR, 1, 9, ALL_ACCESS, true},     /* urandom */
	{OCI_DEVICE_RULE_CHAR, 5, 0, ALL_ACCESS, true},     /* tty */
	{OCI_DEVICE_RULE_CHAR, 5, 2, ALL_ACCESS, true},     /* ptmx */
	{OCI_DEVICE_RULE_CHAR, 10, 200, ALL_ACCESS, true},  /* net/tun */
	{OCI_DEVICE_RULE_CHAR, 136, ANY, ALL_ACCESS, true}, /* ptys */
};

/* From `start` to the next range: a set of kinds of access, or the index of a list. */
struct range {
	uint32_t start;
	uint32_t value;
};

struct list {
	struct range *v;
	uint32_t n;
	uint32_t label; /* of its code, 0 while not written */
};

struct compiler {
	struct arena *arena;
	struct rule *rules;
	size_t n_rules;
	struct rule *relevant; /* those for the type and major that are being asked about */
	size_t n_relevant;
	uint32_t *numbers; /* room for all numbers that rules name */
	struct list *minors;
	uint32_t n_minors;
	size_t n_ranges;      /* of all lists of minors */
	struct bpf_insn *end; /* one behind the last instruction */
	uint32_t n, room;
	uint32_t answers[ALL_ACCESS + 1]; /* labels, by what is allowed; 0 while not written */
	bool failed;
};

/* ---- rules ---- */

static uint8_t access_bits(const char *access)
{
	uint8_t bits = 0;

	if (!access)
		return ALL_ACCESS;
	for (; *access; access++)
		bits |= *access == 'r' ? READ : *access == 'w' ? WRITE : MKNOD;
	return bits;
}

static struct rule rule_from(const struct oci_device_rule *doc)
{
	return (struct rule){
		.type = doc->type == OCI_DEVICE_RULE_ABSENT ? OCI_DEVICE_RULE_ALL : doc->type,
		.major = OCI_HAS(doc, major) ? doc->major : ANY,
		.minor = OCI_HAS(doc, minor) ? doc->minor : ANY,
		.access = access_bits(doc->access),
		.allow = doc->allow,
	};
}

static bool names(int64_t in_rule, int64_t number)
{
	return in_rule == ANY || in_rule == number;
}

/* The rules for this type and major. */
static void choose_relevant(struct compiler *c, enum oci_device_rule_type type, int64_t major)
{
	c->n_relevant = 0;
	for (size_t i = 0; i < c->n_rules; i++) {
		const struct rule *r = &c->rules[i];

		if ((r->type == type || r->type == OCI_DEVICE_RULE_ALL) && names(r->major, major))
			c->relevant[c->n_relevant++] = *r;
	}
}

/* The kinds of access that the relevant rules leave allowed: for each kind the last rule counts. */
static uint32_t allowed_access(const struct compiler *c, int64_t minor)
{
	uint32_t allowed = 0;

	for (size_t i = 0; i < c->n_relevant; i++) {
		const struct rule *r = &c->relevant[i];

		if (names(r->minor, minor))
			allowed = r->allow ? allowed | r->access : allowed & ~(uint32_t)r->access;
	}
	return allowed;
}

/* ---- ranges ---- */

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Sort, and remove what is there twice; returns how many remain. */
static size_t unique(uint32_t *numbers, size_t n)
{
	size_t kept = 0;

	qsort(numbers, n, sizeof(*numbers), compare_numbers);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || numbers[kept - 1] != numbers[i])
			numbers[kept++] = numbers[i];
	return kept;
}

static void add_range(struct list *l, uint32_t start, uint32_t value)
{
	if (l->n > 0 && l->v[l->n - 1].start == start)
		l->n--;
	if (l->n == 0 || l->v[l->n - 1].value != value)
		l->v[l->n++] = (struct range){start, value};
}

/*
 * The ranges of all numbers, given those that rules name; value() tells the value of a number. The
 * list is in the arena; empty when memory is short or there are too many.
 */
static struct list ranges_of(struct compiler *c, const uint32_t *named, size_t n,
			     uint32_t (*value)(struct compiler *c, int64_t number, const void *arg),
			     const void *arg)
{
	struct list l = {.v = ARENA_ARRAY(c->arena, 2 * n + 1, struct range)};
	uint32_t others;

	if (!l.v || n > RANGES_MAX / 2 || c->n_ranges > RANGES_MAX) {
		c->failed = true;
		return l;
	}
	others = value(c, OTHER, arg);
	add_range(&l, 0, others);
	for (size_t i = 0; i < n && !c->failed; i++) {
		add_range(&l, named[i], value(c, named[i], arg));
		if (named[i] < UINT32_MAX)
			add_range(&l, named[i] + 1, others);
	}
	return l;
}

static uint32_t value_of_minor(struct compiler *c, int64_t minor, const void *arg)
{
	return allowed_access(c, minor);
}

/* The index of the list with these ranges. */
static uint32_t intern(struct compiler *c, const struct list *l)
{
	for (uint32_t i = 0; i < c->n_minors; i++)
		if (c->minors[i].n == l->n &&
		    memcmp(c->minors[i].v, l->v, l->n * sizeof(*l->v)) == 0)
			return i;
	c->n_ranges += l->n;
	c->minors[c->n_minors] = *l;
	return c->n_minors++;
}

static uint32_t value_of_major(struct compiler *c, int64_t major, const void *type)
{
	/* behind the majors, which are still being walked over */
	uint32_t *numbers = c->numbers + c->n_rules;
	struct list l;
	size_t n = 0;

	choose_relevant(c, *(const enum oci_device_rule_type *)type, major);
	for (size_t i = 0; i < c->n_relevant; i++)
		if (c->relevant[i].minor != ANY)
			numbers[n++] = (uint32_t)c->relevant[i].minor;
	l = ranges_of(c, numbers, unique(numbers, n), value_of_minor, NULL);
	return c->failed ? 0 : intern(c, &l);
}

/* For one type: ranges of majors, whose values are lists of minors. */
static struct list majors_of(struct compiler *c, enum oci_device_rule_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_rules; i++)
		if (c->rules[i].major != ANY &&
		    (c->rules[i].type == type || c->rules[i].type == OCI_DEVICE_RULE_ALL))
			c->numbers[n++] = (uint32_t)c->rules[i].major;
	return ranges_of(c, c->numbers, unique(c->numbers, n), value_of_major, &type);
}

/* ---- code; a label counts instructions from the end, so 0 is none ---- */

static uint32_t put(struct compiler *c, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
		    int32_t imm)
{
	if (c->n == c->room) {
		c->failed = true;
		return c->n;
	}
	c->n++;
	*(c->end - c->n) = (struct bpf_insn){
		.code = code, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm};
	return c->n;
}

/* The offset of a jump that is written next. */
static int16_t offset_to(const struct compiler *c, uint32_t label)
{
	return (int16_t)(c->n - label);
}

/* Go on at the label: nothing if it was written last. */
static uint32_t go(struct compiler *c, uint32_t label)
{
	return label == c->n ? label : put(c, BPF_JMP | BPF_JA, 0, 0, offset_to(c, label), 0);
}

static uint32_t write_return(struct compiler *c, int32_t value)
{
	put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return put(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, value);
}

/* Written when first needed: the verifier refuses what cannot be reached. */
static uint32_t write_answer(struct compiler *c, uint32_t allowed)
{
	uint32_t *label = &c->answers[allowed], no, yes;

	if (*label)
		/* cppcheck-suppress identicalInnerCondition; it is a label, and no condition */
		return *label;
	if (allowed == 0 || allowed == ALL_ACCESS)
		return *label = write_return(c, allowed != 0);
	no = write_answer(c, 0);
	yes = write_answer(c, ALL_ACCESS);
	go(c, yes);
	return *label = put(c, BPF_JMP | BPF_JSET | BPF_K, R_ACCESS, 0, offset_to(c, no),
			    (int32_t)(ALL_ACCESS & ~allowed));
}

static uint32_t write_minors(struct compiler *c, uint32_t index);

/* The tree over ranges lo..hi-1; `reg` is what it compares. */
static uint32_t write_tree(struct compiler *c, const struct list *l, uint32_t lo, uint32_t hi,
			   uint8_t reg)
{
	uint32_t mid = lo + (hi - lo) / 2, above;

	if (c->failed)
		return c->n;
	if (hi - lo == 1)
		return reg == R_MINOR ? write_answer(c, l->v[lo].value)
				      : write_minors(c, l->v[lo].value);
	above = write_tree(c, l, mid, hi, reg);
	go(c, write_tree(c, l, lo, mid, reg));
	return put(c, BPF_JMP32 | BPF_JGE | BPF_K, reg, 0, offset_to(c, above),
		   (int32_t)l->v[mid].start);
}

static uint32_t write_minors(struct compiler *c, uint32_t index)
{
	struct list *l = &c->minors[index];

	if (!l->label)
		l->label = write_tree(c, l, 0, l->n, R_MINOR);
	return l->label;
}

/* Room for the code of these lists: a range is two jumps at most, the rest is of fixed size. */
static int code_room(struct compiler *c, const struct list *chars, const struct list *blocks)
{
	size_t ranges = (size_t)chars->n + blocks->n;
	struct bpf_insn *room;

	for (uint32_t i = 0; i < c->n_minors; i++)
		ranges += c->minors[i].n;
	c->room = (uint32_t)MIN(2 * ranges + 48, (size_t)INSNS_MAX);
	room = ARENA_ARRAY(c->arena, c->room, struct bpf_insn);
	if (!room)
		return -ENOMEM;
	c->end = room + c->room;
	return 0;
}

/* From the context (struct bpf_cgroup_dev_ctx in r1) to the registers, and on to the types. */
static void write_program(struct compiler *c, const struct list *chars, const struct list *blocks)
{
	uint32_t for_chars = write_tree(c, chars, 0, chars->n, R_MAJOR);
	uint8_t load = BPF_LDX | BPF_W | BPF_MEM;

	go(c, write_tree(c, blocks, 0, blocks->n, R_MAJOR));
	put(c, BPF_JMP32 | BPF_JEQ | BPF_K, R_TYPE, 0, offset_to(c, for_chars), BPF_DEVCG_DEV_CHAR);
	put(c, BPF_ALU | BPF_RSH | BPF_K, R_ACCESS, 0, 0, 16);
	put(c, BPF_ALU | BPF_AND | BPF_K, R_TYPE, 0, 0, 0xffff);
	put(c, BPF_ALU | BPF_MOV | BPF_X, R_TYPE, R_ACCESS, 0, 0);
	put(c, load, R_MINOR, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, minor), 0);
	put(c, load, R_MAJOR, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, major), 0);
	put(c, load, R_ACCESS, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, access_type), 0);
}

static int compiler_room(struct compiler *c, const struct oci_device_rule_array *rules)
{
	size_t n = ARRAY_SIZE(defaults) + (rules ? rules->n : 0);

	c->rules = ARENA_ARRAY(c->arena, n, struct rule);
	c->relevant = ARENA_ARRAY(c->arena, n, struct rule);
	c->numbers = ARENA_ARRAY(c->arena, 2 * n, uint32_t);
	c->minors = ARENA_ARRAY(c->arena, 2 * (n + 1), struct list);
	if (!c->rules || !c->relevant || !c->numbers || !c->minors)
		return -ENOMEM;
	for (size_t i = 0; rules && i < rules->n; i++)
		c->rules[c->n_rules++] = rule_from(&rules->v[i]);
	memcpy(c->rules + c->n_rules, defaults, sizeof(defaults));
	c->n_rules = n;
	return 0;
}

/* Is every access allowed, whatever the device? */
static bool allows_all(const struct compiler *c)
{
	return c->n_minors == 1 && c->minors[0].n == 1 && c->minors[0].v[0].value == ALL_ACCESS;
}

int rt_devices_compile(struct arena *a, const struct oci_device_rule_array *rules, const void **ret,
		       uint32_t *ret_len, struct err *e)
{
	struct compiler c = {.arena = a};
	struct list chars, blocks;

	if (compiler_room(&c, rules) < 0)
		return err_nomem(e);
	chars = majors_of(&c, OCI_DEVICE_RULE_CHAR);
	blocks = majors_of(&c, OCI_DEVICE_RULE_BLOCK);
	if (!c.failed && allows_all(&c)) {
		*ret = NULL;
		*ret_len = 0;
		return 0;
	}
	if (!c.failed && code_room(&c, &chars, &blocks) < 0)
		return err_nomem(e);
	if (!c.failed)
		write_program(&c, &chars, &blocks);
	if (c.failed) {
		err_set(e, E2BIG | RT_NO_TEXT, RT_E_CONFIG, "too many device rules");
		return err_field(e, "linux.resources.devices");
	}
	*ret = c.end - c.n;
	*ret_len = c.n * (uint32_t)sizeof(struct bpf_insn);
	return 0;
}
