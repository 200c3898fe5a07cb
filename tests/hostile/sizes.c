/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Too many, too long, too deep; and a configuration with everything that is cut off at every byte, and
 * damaged at every byte.
 */
#include <stdbool.h>
#include <string.h>

#include "hostile.h"

#define END "}"
#define LINUX_BEGIN CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {" NAMESPACES ", "

static void times(FILE *f, const char *s, unsigned long n)
{
	while (n--)
		fputs(s, f);
}

/* `n` elements, with their number where the %lu is. */
static void list(FILE *f, const char *element, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		fputs(i ? ", " : "", f);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		fprintf(f, element, i);
#pragma GCC diagnostic pop
	}
}

/* A text in front, many elements, a text behind. */
static const struct many {
	const char *label, *front, *element;
	unsigned long n;
	const char *behind;
	enum verdict verdict;
	const char *field;
} manies[] = {
	{"100000 mounts", CONFIG_BEGIN PROCESS_BEGIN "}, \"mounts\": [",
	 "{\"destination\": \"/mnt/%lu\", \"type\": \"tmpfs\"}", 100000, "], \"linux\": {" NAMESPACES "}}",
	 EITHER, ""},
	{"2000 mounts", CONFIG_BEGIN PROCESS_BEGIN "}, \"mounts\": [",
	 "{\"destination\": \"/mnt/%lu\", \"type\": \"tmpfs\"}", 2000, "], \"linux\": {" NAMESPACES "}}",
	 ACCEPTED, ""},
	{"100000 options of a mount",
	 CONFIG_BEGIN PROCESS_BEGIN "}, \"mounts\": [{\"destination\": \"/mnt\", \"type\": \"tmpfs\", "
				    "\"options\": [",
	 "\"ro\", \"rw\"", 100000, "]}], \"linux\": {" NAMESPACES "}}", EITHER, ""},
	{"100000 unknown options of a mount",
	 CONFIG_BEGIN PROCESS_BEGIN "}, \"mounts\": [{\"destination\": \"/mnt\", \"type\": \"tmpfs\", "
				    "\"options\": [",
	 "\"x%lu\"", 100000, "]}], \"linux\": {" NAMESPACES "}}", EITHER, ""},
	{"1000000 entries of env", CONFIG_BEGIN PROCESS_BEGIN ", \"env\": [", "\"A%lu=\"", 1000000,
	 "]}, \"linux\": {" NAMESPACES "}}", EITHER, ""},
	{"1000 entries of env", CONFIG_BEGIN PROCESS_BEGIN ", \"env\": [", "\"A%lu=\"", 1000,
	 "]}, \"linux\": {" NAMESPACES "}}", ACCEPTED, ""},
	{"500000 arguments", CONFIG_BEGIN "\"process\": {\"cwd\": \"/\", \"args\": [\"/bin/true\", ",
	 "\"%lu\"", 500000, "]}, \"linux\": {" NAMESPACES "}}", EITHER, ""},
	{"100000 groups",
	 CONFIG_BEGIN "\"process\": {\"cwd\": \"/\", \"args\": [\"/bin/true\"], \"user\": {\"uid\": 0, "
		      "\"gid\": 0, \"additionalGids\": [",
	 "%lu", 100000, "]}}, \"linux\": {" NAMESPACES "}}", EITHER, ""},
	{"100000 masked paths", LINUX_BEGIN "\"maskedPaths\": [", "\"/no/%lu\"", 100000, "]}}", EITHER, ""},
	{"100000 annotations", CONFIG_BEGIN PROCESS_BEGIN "}, \"annotations\": {", "\"a%lu\": \"x\"", 100000,
	 "}, \"linux\": {" NAMESPACES "}}", ACCEPTED, ""},
	{"100000 unknown keys", CONFIG_BEGIN PROCESS_BEGIN "}, ", "\"hostnam%lu\": 1", 100000,
	 ", \"linux\": {" NAMESPACES "}}", ACCEPTED, ""},
	{"100000 sysctls", LINUX_BEGIN "\"sysctl\": {", "\"net.x.%lu\": \"1\"", 100000, "}}}", REFUSED, ""},
	{"100000 devices", LINUX_BEGIN "\"devices\": [",
	 "{\"path\": \"/dev/x%lu\", \"type\": \"c\", \"major\": 1, \"minor\": 3}", 100000, "]}}", EITHER, ""},
	{"100000 device rules", LINUX_BEGIN "\"resources\": {\"devices\": [",
	 "{\"allow\": true, \"type\": \"c\", \"major\": %lu, \"access\": \"r\"}", 100000, "]}}}", EITHER, ""},
	{"1000 maps", CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {\"namespaces\": [{\"type\": \"user\"}, {\"type\": \"mount\"}], "
	 "\"gidMappings\": [{\"containerID\": 0, \"hostID\": 0, \"size\": 1}], \"uidMappings\": [",
	 "{\"containerID\": %lu, \"hostID\": 0, \"size\": 1}", 1000, "]}}", REFUSED, ""},
	{"100000 namespaces", CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {\"namespaces\": [",
	 "{\"type\": \"pid\"}", 100000, "]}}", REFUSED, "linux.namespaces[1].type"},
	{"10000 names of system calls",
	 LINUX_BEGIN "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"action\": "
		     "\"SCMP_ACT_ERRNO\", \"names\": [",
	 "\"no_such_call_%lu\"", 10000, "]}]}}}", ACCEPTED, ""},
	{"10000 rules of a system call",
	 LINUX_BEGIN "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [",
	 "{\"action\": \"SCMP_ACT_ERRNO\", \"names\": [\"socket\"], \"args\": [{\"index\": 0, "
	 "\"value\": 1%lu, \"op\": \"SCMP_CMP_EQ\"}]}", 10000, "]}}}", EITHER, ""},
	{"100000 hooks", CONFIG_BEGIN PROCESS_BEGIN "}, \"hooks\": {\"poststop\": [", "{\"path\": \"x%lu\"}",
	 100000, "]}, \"linux\": {" NAMESPACES "}}", REFUSED, "hooks.poststop[0].path"},
	{"100000 duplicate keys", "{", "\"a\": %lu", 100000, "}", REFUSED, ""},
	{"200000 keys of the same beginning", "{", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%lu\": 1",
	 200000, "}", REFUSED, ""},
	{"100000 wrong types", CONFIG_BEGIN PROCESS_BEGIN ", \"env\": [", "%lu", 100000, "]}}", REFUSED,
	 "process.env[0]"},
	{"1000000 empty arrays", CONFIG_BEGIN PROCESS_BEGIN "}, \"x\": [", "[]", 1000000,
	 "], \"linux\": {" NAMESPACES "}}", EITHER, ""},
};

/* A text in front, the same again and again, a text behind. */
static const struct many longs[] = {
	{"a depth of 60", CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {" NAMESPACES "}, \"x\": ", "[", 60,
	 "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", ACCEPTED, ""},
	{"a depth of 65 and no end", CONFIG_BEGIN "\"x\": ", "[", 65, "", REFUSED, ""},
	{"a depth of 10000", CONFIG_BEGIN "\"x\": ", "[", 10000, "", REFUSED, ""},
	{"a depth of 1000000", "", "[", 1000000, "", REFUSED, ""},
	{"a depth of 1000000 objects", "", "{\"a\":", 1000000, "", REFUSED, ""},
	{"a hostname of 1 MB", CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {\"namespaces\": [{\"type\": "
	 "\"uts\"}, {\"type\": \"mount\"}]}, \"hostname\": \"", "x", 1000000, "\"}", REFUSED, ""},
	{"a destination of 1 MB", CONFIG_BEGIN PROCESS_BEGIN "}, \"mounts\": [{\"type\": \"tmpfs\", "
	 "\"destination\": \"/", "x", 1000000, "\"}]}", REFUSED, "mounts[0].destination"},
	{"a destination of many parts", CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {" NAMESPACES "}, "
	 "\"mounts\": [{\"type\": \"tmpfs\", \"destination\": \"/", "x/", 2000, "\"}]}", EITHER, ""},
	{"a destination of many ..", CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {" NAMESPACES "}, "
	 "\"mounts\": [{\"type\": \"tmpfs\", \"destination\": \"/mnt/x", "/..", 1300, "/mnt\"}]}",
	 EITHER, ""},
	{"a cwd of 1 MB", CONFIG_BEGIN "\"process\": {\"args\": [\"x\"], \"cwd\": \"/", "x", 1000000, "\"}}",
	 REFUSED, "process.cwd"},
	{"an argument of 1 MB", CONFIG_BEGIN "\"process\": {\"cwd\": \"/\", \"args\": [\"/bin/true\", \"", "x",
	 1000000, "\"]}, \"linux\": {" NAMESPACES "}}", EITHER, ""},
	{"a program of 1 MB", CONFIG_BEGIN "\"process\": {\"cwd\": \"/\", \"args\": [\"", "x", 1000000,
	 "\"]}, \"linux\": {" NAMESPACES "}}", EITHER, ""},
	{"a PATH of 1 MB", CONFIG_BEGIN PROCESS_BEGIN ", \"env\": [\"PATH=", "/x:", 330000,
	 "\"]}, \"linux\": {" NAMESPACES "}}", EITHER, ""},
	{"an annotation of 1 MB", CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {" NAMESPACES "}, "
	 "\"annotations\": {\"a\": \"", "x", 1000000, "\"}}", ACCEPTED, ""},
	{"a key of 1 MB", CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {" NAMESPACES "}, \"", "x", 1000000,
	 "\": 1}", ACCEPTED, ""},
	{"a word of 1 MB", LINUX_BEGIN "\"rootfsPropagation\": \"", "x", 1000000, "\"}}", REFUSED,
	 "linux.rootfsPropagation"},
	{"a cgroup of 1 MB", LINUX_BEGIN "\"cgroupsPath\": \"/", "x", 1000000, "\"}}", EITHER, ""},
	{"a cgroup of many parts", LINUX_BEGIN "\"cgroupsPath\": \"/", "x/", 2500, "\"}}", EITHER, ""},
	{"a sysctl of 1 MB", LINUX_BEGIN "\"sysctl\": {\"net.", "x", 1000000, "\": \"1\"}}}", EITHER, ""},
	{"an AppArmor profile of 1 MB", CONFIG_BEGIN PROCESS_BEGIN ", \"apparmorProfile\": \"", "x", 1000000,
	 "\"}, \"linux\": {" NAMESPACES "}}", EITHER, ""},
	{"mount data of 1 MB", CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {" NAMESPACES "}, \"mounts\": "
	 "[{\"type\": \"tmpfs\", \"destination\": \"/mnt\", \"options\": [\"x=", "x", 1000000, "\"]}]}",
	 EITHER, ""},
	{"a number of 1000000 digits", CONFIG_BEGIN "\"process\": {\"cwd\": \"/\", \"args\": [\"x\"], "
	 "\"oomScoreAdj\": ", "9", 1000000, "}}", REFUSED, "process.oomScoreAdj"},
	{"a fraction of 1000000 digits", CONFIG_BEGIN "\"process\": {\"cwd\": \"/\", \"args\": [\"x\"], "
	 "\"oomScoreAdj\": 0.", "0", 1000000, "}}", REFUSED, "process.oomScoreAdj"},
	{"an exponent of 100000 digits", CONFIG_BEGIN "\"process\": {\"cwd\": \"/\", \"args\": [\"x\"], "
	 "\"oomScoreAdj\": 1e", "9", 100000, "}}", REFUSED, "process.oomScoreAdj"},
	{"1 MB of escapes", CONFIG_BEGIN PROCESS_BEGIN "}, \"linux\": {" NAMESPACES "}, \"annotations\": "
	 "{\"a\": \"", "\\u0041", 170000, "\"}}", ACCEPTED, ""},
	{"15 MB of blanks", CONFIG_BEGIN PROCESS_BEGIN "}, ", " ", 15000000, "\"linux\": {" NAMESPACES "}}",
	 ACCEPTED, ""},
	{"17 MB of blanks", CONFIG_BEGIN PROCESS_BEGIN "}, ", " ", 17000000, "\"linux\": {" NAMESPACES "}}",
	 REFUSED, ""},
	{"17 MB and no end", "{\"a\": \"", "x", 17000000, "", REFUSED, ""},
};

void from_sizes(struct sink *s)
{
	FILE *f;

	for (size_t i = 0; i < sizeof(manies) / sizeof(manies[0]); i++) {
		f = s->open(s, manies[i].label);
		if (!f)
			continue;
		fputs(manies[i].front, f);
		list(f, manies[i].element, manies[i].n);
		fputs(manies[i].behind, f);
		s->close(s, manies[i].verdict, manies[i].field);
	}
	for (size_t i = 0; i < sizeof(longs) / sizeof(longs[0]); i++) {
		f = s->open(s, longs[i].label);
		if (!f)
			continue;
		fputs(longs[i].front, f);
		times(f, longs[i].element, longs[i].n);
		fputs(longs[i].behind, f);
		s->close(s, longs[i].verdict, longs[i].field);
	}
}

/* ---- a configuration with something of everything ---- */

static const char rich[] =
	CONFIG_BEGIN PROCESS_BEGIN
	", \"terminal\": false, \"env\": [\"PATH=/bin\"], \"noNewPrivileges\": true, \"oomScoreAdj\": 10, "
	"\"capabilities\": {\"bounding\": [\"CAP_KILL\"]}, "
	"\"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"soft\": 64, \"hard\": 64}]}, "
	"\"hostname\": \"x\\u00e9\", \"mounts\": [{\"destination\": \"/proc\", \"type\": \"proc\"}, "
	"{\"destination\": \"/dev\", \"type\": \"tmpfs\", \"options\": [\"nosuid\", \"mode=755\"]}], "
	"\"annotations\": {\"a\": \"b\"}, \"linux\": {\"namespaces\": [{\"type\": \"mount\"}, {\"type\": \"uts\"}, "
	"{\"type\": \"pid\"}], \"sysctl\": {}, \"resources\": {\"devices\": [{\"allow\": false, \"access\": "
	"\"rwm\"}]}, \"maskedPaths\": [\"/proc/kcore\"], \"seccomp\": {\"defaultAction\": "
	"\"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"kexec_load\"], \"action\": \"SCMP_ACT_ERRNO\", "
	"\"errnoRet\": 1}]}}}";

static void damaged(struct sink *s, const char *how, size_t at, char byte, size_t rest)
{
	char label[64];
	FILE *f;

	snprintf(label, sizeof(label), "%s at byte %zu", how, at);
	f = s->open(s, label);
	if (!f)
		return;
	fwrite(rich, 1, at, f);
	if (byte != 'x' || rest)
		fputc(byte, f);
	fputs(rest ? rich + rest : "", f);
	s->close(s, !rest || !byte ? REFUSED : EITHER, "");
}

void from_cuts(struct sink *s)
{
	FILE *f = s->open(s, "something of everything");

	if (f) {
		fputs(rich, f);
		s->close(s, ACCEPTED, "");
	}
	for (size_t at = 0; at < sizeof(rich) - 1; at++)
		damaged(s, "cut off", at, 'x', 0);
	for (size_t at = 0; at < sizeof(rich) - 1; at++) {
		damaged(s, "a NUL", at, '\0', at + 1);
		damaged(s, "a quote", at, '"', at + 1);
		damaged(s, "a bit turned", at, (char)(rich[at] ^ 0x20), at + 1);
	}
}
