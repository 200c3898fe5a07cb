/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Build-time program: write the tables of system calls for syscalls.c, asking libseccomp. All is
 * learnt from its public interface:
 *  - which names there are, by walking the numbers of every architecture;
 *  - a name's number; a negative one is a name without a number here, but -101..-120 are calls that
 *    may go through socketcall(2) as its call 1..20, and -201..-224 the same for ipc(2) 1..24.
 * Such a call may have a number of its own beside: only the walk over the numbers tells it.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sec/syscalls.h"

#define NAMES_MAX 2048
#define SPAN_MAX 4000 /* where the numbers of MIPS's first ABI begin */
#define ARM_PRIVATE 0xf0000
#define ARM_PRIVATE_MAX 16
#define HASH_SIZE 1024

enum { WIDE = 1, BIG = 2 };

static const struct arch {
	const char *word;
	uint32_t token, audit, base;
	int flags;
} archs[] = {
#define ARCH(name, base, flags)                                                                    \
	{                                                                                          \
		"OCI_SECCOMP_ARCH_" #name, SCMP_ARCH_##name, SCMP_ARCH_##name, base, flags         \
	}
	ARCH(X86, 0, 0),
	ARCH(X86_64, 0, WIDE),
	/* its token is libseccomp's invention; to the kernel it is x86_64 with a bit in the number */
	{"OCI_SECCOMP_ARCH_X32", SCMP_ARCH_X32, SCMP_ARCH_X86_64, 0x40000000, 0},
	ARCH(ARM, 0, 0),
	ARCH(AARCH64, 0, WIDE),
#ifdef SCMP_ARCH_LOONGARCH64
	ARCH(LOONGARCH64, 0, WIDE),
#endif
#ifdef SCMP_ARCH_M68K
	ARCH(M68K, 0, BIG),
#endif
	ARCH(MIPS, 4000, BIG),
	ARCH(MIPS64, 5000, WIDE | BIG),
	ARCH(MIPS64N32, 6000, BIG),
	ARCH(MIPSEL, 4000, 0),
	ARCH(MIPSEL64, 5000, WIDE),
	ARCH(MIPSEL64N32, 6000, 0),
	ARCH(PPC, 0, BIG),
	ARCH(PPC64, 0, WIDE | BIG),
	ARCH(PPC64LE, 0, WIDE),
	ARCH(S390, 0, BIG),
	ARCH(S390X, 0, WIDE | BIG),
#ifdef SCMP_ARCH_SH
	ARCH(SH, 0, 0),
	ARCH(SHEB, 0, BIG),
#endif
	ARCH(PARISC, 0, BIG),
	ARCH(PARISC64, 0, WIDE | BIG),
	ARCH(RISCV64, 0, WIDE),
};

#define NARCHS (sizeof(archs) / sizeof(archs[0]))

static char *names[NAMES_MAX];
static int n_names;
static uint16_t slots[NARCHS]
		     [NAMES_MAX]; /* row: [name]; an index below `span`, or behind it ARM's */
static uint8_t mux[NAMES_MAX];    /* socketcall: 1..20, ipc: 128 + 1..24 */
static uint16_t span;

static void die(const char *what, const char *name)
{
	fprintf(stderr, "gen-syscalls: %s: %s\n", name, what);
	exit(1);
}

static int name_index(const char *name)
{
	for (int i = 0; i < n_names; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

/* What `number`, without the architecture's base, is called; NULL if it is free. */
static char *name_at(const struct arch *arch, uint32_t number)
{
	uint32_t base = arch->token == SCMP_ARCH_X32 ? 0 : arch->base;

	return seccomp_syscall_resolve_num_arch(arch->token, (int)(base + number));
}

static void note_name(const struct arch *arch, uint32_t number)
{
	char *name = name_at(arch, number);

	if (!name)
		return;
	if (number < SPAN_MAX && number >= span)
		span = (uint16_t)(number + 1);
	if (name_index(name) >= 0) {
		free(name);
		return;
	}
	if (n_names == NAMES_MAX)
		die("too many names", name);
	names[n_names++] = name;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect_names(void)
{
	for (size_t a = 0; a < NARCHS; a++) {
		for (uint32_t i = 0; i < SPAN_MAX; i++)
			note_name(&archs[a], i);
		if (archs[a].token == SCMP_ARCH_ARM)
			for (uint32_t i = 0; i < ARM_PRIVATE_MAX; i++)
				note_name(&archs[a], ARM_PRIVATE + i);
	}
	qsort(names, (size_t)n_names, sizeof(names[0]), compare_names);
}

static void note_mux(int name, int number)
{
	uint8_t code = (uint8_t)(number > -200 ? -number - 100 : -number - 200 + 128);

	if (mux[name] && mux[name] != code)
		die("goes through different calls on different architectures", names[name]);
	mux[name] = code;
}

static uint16_t slot_of(const struct arch *arch, int number, const char *name)
{
	if (arch->token == SCMP_ARCH_ARM && number >= ARM_PRIVATE)
		return (uint16_t)(span + (number - ARM_PRIVATE));
	number -= (int)arch->base;
	if (number < 0 || number >= span)
		die("its number is outside of the expected range", name);
	return (uint16_t)number;
}

static void fill_arch(size_t a)
{
	const struct arch *arch = &archs[a];

	for (int i = 0; i < n_names; i++) {
		int number = seccomp_syscall_resolve_name_arch(arch->token, names[i]);

		slots[a][i] = RT_NO_SYSCALL;
		if (number >= 0)
			slots[a][i] = slot_of(arch, number, names[i]);
		else if ((number <= -101 && number >= -120) || (number <= -201 && number >= -224))
			note_mux(i, number);
	}
	for (uint32_t i = 0; i < span; i++) {
		char *name = name_at(arch, i);
		int index = name ? name_index(name) : -1;

		if (index >= 0 && slots[a][index] == RT_NO_SYSCALL)
			slots[a][index] = (uint16_t)i;
		free(name);
	}
}

/* The slot of socketcall or ipc, if this architecture sends `member` through it. */
static int mux_slot(size_t a, const char *call, const char *member)
{
	int number = seccomp_syscall_resolve_name_arch(archs[a].token, member);

	if (number > -101 || number < -224)
		return RT_NO_SYSCALL;
	return slots[a][name_index(call)];
}

/* The first architecture with the same numbers. */
static size_t table_of(size_t a)
{
	size_t first = 0;

	while (memcmp(slots[first], slots[a], sizeof(slots[a])) != 0)
		first++;
	return first;
}

static void print_archs(const uint16_t *tables)
{
	printf("static const struct rt_syscall_arch archs[OCI_SECCOMP_ARCH_MAX] = {\n");
	for (size_t a = 0; a < NARCHS; a++)
		printf("\t[%s] = {0x%" PRIx32 ", 0x%" PRIx32 ", %u, %d, %d, %d, %s, %s},\n",
		       archs[a].word, archs[a].audit, archs[a].base, tables[table_of(a)],
		       span + (archs[a].token == SCMP_ARCH_ARM ? ARM_PRIVATE_MAX : 0),
		       mux_slot(a, "socketcall", "socket"), mux_slot(a, "ipc", "msgget"),
		       archs[a].flags & WIDE ? "true" : "false",
		       archs[a].flags & BIG ? "true" : "false");
	printf("};\n\n");
}

static void print_u16(const char *declaration, const uint16_t *v, int n)
{
	printf("%s = {", declaration);
	for (int i = 0; i < n; i++)
		printf("%s%u,", i % 16 ? " " : "\n\t", v[i]);
	printf("\n};\n\n");
}

static void print_names(void)
{
	static uint16_t offset[NAMES_MAX], hash[HASH_SIZE];
	uint16_t end = 0;

	printf("static const char pool[] =\n");
	for (int i = 0; i < n_names; i++) {
		uint32_t h = rt_syscall_hash(names[i]) % HASH_SIZE;

		printf("\t\"%s\\0\"\n", names[i]);
		offset[i] = end;
		end = (uint16_t)(end + strlen(names[i]) + 1);
		while (hash[h])
			h = (h + 1) % HASH_SIZE;
		hash[h] = (uint16_t)(i + 1);
	}
	printf("\t;\n\n");
	print_u16("static const uint16_t name_offset[NAMES]", offset, n_names);
	print_u16("static const uint16_t hash_table[HASH_SIZE]", hash, HASH_SIZE);
}

int main(void)
{
	uint16_t tables[NARCHS], n_tables = 0, mux16[NAMES_MAX];

	collect_names();
	if (n_names < 300 || n_names >= HASH_SIZE * 3 / 4)
		die("an implausible number of names", "libseccomp");
	for (size_t a = 0; a < NARCHS; a++)
		fill_arch(a);
	for (size_t a = 0; a < NARCHS; a++)
		tables[a] = table_of(a) == a ? n_tables++ : 0;

	printf("/* Written by gen-syscalls from libseccomp %u.%u.%u. */\n",
	       seccomp_version()->major, seccomp_version()->minor, seccomp_version()->micro);
	printf("#define NAMES %d\n#define TABLES %u\n#define HASH_SIZE %d\n", n_names, n_tables,
	       HASH_SIZE);
	printf("#define SPAN %u\n#define ARM_PRIVATE 0x%x\n\n", span, ARM_PRIVATE);
	print_archs(tables);
	print_names();
	for (int i = 0; i < n_names; i++)
		mux16[i] = mux[i];
	print_u16("static const uint8_t mux[NAMES]", mux16, n_names);
	printf("static const uint16_t slots[TABLES][NAMES] = {\n");
	for (size_t a = 0; a < NARCHS; a++)
		if (table_of(a) == a) {
			printf("\t{ /* %s */", archs[a].word);
			for (int i = 0; i < n_names; i++)
				printf("%s%u,", i % 16 ? " " : "\n\t", slots[a][i]);
			printf("},\n");
		}
	printf("};\n");
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
