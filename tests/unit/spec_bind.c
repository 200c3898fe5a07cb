/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"
#include "spec/bind.h"
#include "spec/oci.h"
#include "spec_text.h"

static int parse(struct bind_doc *doc, unsigned object, const char *text, struct problems *list,
		 struct err *e)
{
	*e = ERR_INIT;
	return rt_bind_parse(doc, &rt_oci_schema, object, "config.json", text, strlen(text), list,
			     e);
}

/* The message of an assert may be made before what is asserted: an err must have been initialized. */
static const char *line(const struct err *e)
{
	static char buf[1200];

	return err_line(e, buf, sizeof(buf));
}

/* Documents (oci_config) that cannot be read, and the whole message. Quotes are written '. */
static const struct {
	const char *text, *message;
} refused[] = {
	{"[]", "config.json:1:1: expected an object, got an array"},
	{"{}", "config.json:1:1: ociVersion: required, but missing"},
	{"{'ociVersion':1}", "config.json:1:15: ociVersion: expected a string, got a number"},
	{"{'ociVersion':null}", "config.json:1:15: ociVersion: expected a string, got null"},
	{"{'ociVersion':'1.0.0','root':{}}", "config.json:1:30: root.path: required, but missing"},
	{"{'ociVersion':'1.0.0',\n 'root':'x'}",
	 "config.json:2:9: root: expected an object, got a string"},
	{"{'root':{'path':'x','readonly':1}}",
	 "config.json:1:32: root.readonly: expected true or false, got a number"},
	{"{'root':{'path':'x','readonly':null}}",
	 "config.json:1:32: root.readonly: expected true or false, got null"},
	{"{'mounts':{}}", "config.json:1:11: mounts: expected an array, got an object"},
	{"{'mounts':[{'destination':'/a'},7]}",
	 "config.json:1:33: mounts[1]: expected an object, got a number"},
	{"{'mounts':[{'destination':'/a','options':['ro',null]}]}",
	 "config.json:1:48: mounts[0].options[1]: expected a string, got null"},
	{"{'mounts':[{'destination':'/a','options':'ro'}]}",
	 "config.json:1:42: mounts[0].options: expected an array, got a string"},
	{"{'annotations':{'a.b/c':true}}",
	 "config.json:1:25: annotations[\"a.b/c\"]: expected a string, got true or false"},
	{"{'linux':{'resources':{'memory':{'limit':'1G'}}}}",
	 "config.json:1:42: linux.resources.memory.limit: expected an integer, got a string"},
	{"{'linux':{'resources':{'memory':{'limit':1e9}}}}",
	 "config.json:1:42: linux.resources.memory.limit: expected an integer in plain digits, "
	 "got 1e9"},
	{"{'linux':{'resources':{'memory':{'limit':1.0}}}}",
	 "config.json:1:42: linux.resources.memory.limit: expected an integer in plain digits, "
	 "got 1.0"},
	{"{'linux':{'resources':{'memory':{'limit':9223372036854775808}}}}",
	 "config.json:1:42: linux.resources.memory.limit: 9223372036854775808 is not in the range "
	 "-9223372036854775808..9223372036854775807"},
	{"{'linux':{'resources':{'cpu':{'shares':-1}}}}",
	 "config.json:1:40: linux.resources.cpu.shares: -1 is not in the range "
	 "0..18446744073709551615"},
	{"{'linux':{'resources':{'cpu':{'shares':99999999999999999999999999}}}}",
	 "config.json:1:40: linux.resources.cpu.shares: 99999999999999999999999999 is not in the "
	 "range 0..18446744073709551615"},
	{"{'linux':{'resources':{'blockIO':{'weight':65536}}}}",
	 "config.json:1:44: linux.resources.blockIO.weight: 65536 is not in the range 0..65535"},
	{"{'process':{'user':{'uid':4294967295}}}",
	 "config.json:1:27: process.user.uid: 4294967295 is not in the range 0..4294967294"},
	{"{'process':{'user':{'uid':'1000'}}}",
	 "config.json:1:27: process.user.uid: expected an integer, got a string"},
	{"{'process':{'user':{'additionalGids':[1,-1]}}}",
	 "config.json:1:41: process.user.additionalGids[1]: -1 is not in the range 0..4294967294"},
	{"{'process':{'scheduler':{'policy':'SCHED_RR','nice':2147483648}}}",
	 "config.json:1:53: process.scheduler.nice: 2147483648 is not in the range "
	 "-2147483648..2147483647"},
	{"{'linux':{'namespaces':[{'type':'pid'},{'type':'mnt'}]}}",
	 "config.json:1:48: linux.namespaces[1].type: unknown value \"mnt\""},
	{"{'linux':{'namespaces':[{'type':'netwrok'}]}}",
	 "config.json:1:33: linux.namespaces[0].type: unknown value \"netwrok\" "
	 "(did you mean \"network\"?)"},
	{"{'linux':{'namespaces':[{}]}}",
	 "config.json:1:25: linux.namespaces[0].type: required, but missing"},
	{"{'linux':{'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','flags':['SECCOMP_FILTER_FLAG_LGO']"
	 "}}}",
	 "config.json:1:64: linux.seccomp.flags[0]: unknown value \"SECCOMP_FILTER_FLAG_LGO\" "
	 "(did you mean \"SECCOMP_FILTER_FLAG_LOG\"?)"},
	{"{'linux':{'resources':{'rdma':{'mlx5_0':{'hcaHandles':-3}}}}}",
	 "config.json:1:55: linux.resources.rdma.mlx5_0.hcaHandles: -3 is not in the range "
	 "0..4294967295"},
	{"{'hostname':'a','hostname':'b'}", "config.json:1:17: duplicate key \"hostname\""},
	{"{'windows':{'x':1,'x':2}}", "config.json:1:19: duplicate key \"x\""},
	{"{'nobody':{'x':1,'x':2}}", "config.json:1:18: duplicate key \"x\""},
	{"{'ociVersion':'1.0.0'} x", "config.json:1:24: parse error: trailing garbage"},
};

Test(spec_bind, refuses_with_field_and_place)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		_cleanup_free_ char *text = quotes(refused[i].text);
		struct bind_doc doc;
		struct err e = ERR_INIT;

		cr_expect(parse(&doc, BIND_ID(oci_config), text, NULL, &e) < 0, "%s was accepted",
			  text);
		cr_expect_str_eq(line(&e), refused[i].message, "%s", line(&e));
		rt_bind_free(&doc);
	}
}

/* ---- values ------------------------------------------------------------------------------ */

Test(spec_bind, reads_every_kind)
{
	_cleanup_free_ char *text = quotes(
		"{'ociVersion':'1.0.0','process':{'cwd':'/','args':['a','\\u00e4\\n'],"
		"'user':{'uid':4294967294,'gid':0,'additionalGids':[1,2,3]},'noNewPrivileges':true,"
		"'rlimits':[{'type':'RLIMIT_CORE','soft':0,'hard':18446744073709551615}],"
		"'scheduler':{'policy':'SCHED_RR','nice':-20,'flags':['SCHED_FLAG_RECLAIM']}},"
		"'linux':{'devices':[{'type':'p','path':'/dev/p','fileMode':438,'major':-1}],"
		"'resources':{'blockIO':{'weight':1000},'rdma':{'m':{'hcaObjects':7}},"
		"'unified':{'memory.high':'max'}},'netDevices':{},'maskedPaths':null,'sysctl':null},"
		"'windows':{'whatever':[1,2]},'hooks':null,'mounts':[]}");
	const struct oci_config *c;
	const struct oci_process *p;
	struct bind_doc doc;
	struct err e = ERR_INIT;

	cr_assert_eq(parse(&doc, BIND_ID(oci_config), text, NULL, &e), 0, "%s", line(&e));
	c = doc.root;
	p = c->process;
	cr_expect_str_eq(c->oci_version, "1.0.0");
	cr_expect(p->args.n == 2 && streq(p->args.v[1], "\xc3\xa4\n"));
	cr_expect(p->user->uid == 4294967294u && p->user->gid == 0 && OCI_HAS(p->user, gid));
	cr_expect(!OCI_HAS(p->user, umask));
	cr_expect(p->user->additional_gids.n == 3 && p->user->additional_gids.v[2] == 3);
	cr_expect(p->no_new_privileges && OCI_HAS(p, no_new_privileges) && !OCI_HAS(p, terminal));
	cr_expect(p->rlimits.v[0].type == OCI_RLIMIT_CORE && p->rlimits.v[0].hard == UINT64_MAX);
	cr_expect(p->scheduler->policy == OCI_SCHED_RR && p->scheduler->nice == -20);
	cr_expect(p->scheduler->flags.n == 1 &&
		  p->scheduler->flags.v[0] == OCI_SCHED_FLAG_RECLAIM);
	cr_expect(c->linux->devices.v[0].type == OCI_DEVICE_FIFO);
	cr_expect(c->linux->devices.v[0].file_mode == 0666 && c->linux->devices.v[0].major == -1);
	cr_expect(c->linux->resources->block_io->weight == 1000);
	cr_expect_str_eq(c->linux->resources->rdma.v[0].key, "m");
	cr_expect(c->linux->resources->rdma.v[0].value.hca_objects == 7);
	cr_expect_str_eq(c->linux->resources->unified.v[0].key, "memory.high");
	cr_expect_str_eq(c->linux->resources->unified.v[0].value, "max");
	/* an empty map is there, null is not */
	cr_expect(OCI_HAS(c->linux, net_devices) && c->linux->net_devices.n == 0);
	cr_expect(!OCI_HAS(c->linux, masked_paths) && !OCI_HAS(c->linux, sysctl));
	cr_expect(OCI_HAS(c, windows) && !OCI_HAS(c, hooks) && !c->hooks && OCI_HAS(c, mounts));
	rt_bind_free(&doc);
}

/* The rows agree with the C types: each enum is an int, `has` a byte per row. */
Test(spec_bind, tables_fit_the_structs)
{
	for (unsigned i = 0; i < rt_oci_schema.nobjects; i++) {
		const struct bind_object *o = &rt_oci_schema.objects[i];
		const struct bind_field *f = rt_oci_schema.fields(i);

		cr_assert(f, "%s", o->name);
		for (unsigned j = 0; j < o->nfields; j++) {
			cr_expect(strlen(f[j].key) == f[j].key_len && f[j].key_len > 0, "%s.%s",
				  o->name, f[j].key);
			cr_expect(f[j].kind == BIND_KIND_IGNORED || f[j].offset >= o->nfields,
				  "%s.%s", o->name, f[j].key);
			for (unsigned k = 0; k < j; k++)
				cr_expect(!streq(f[j].key, f[k].key), "%s.%s twice", o->name,
					  f[j].key);
		}
	}
	for (unsigned i = 0; i < rt_oci_schema.nenums; i++)
		for (int v = 1; v <= rt_oci_schema.enums[i].nwords; v++) {
			const char *word = rt_bind_word(&rt_oci_schema, i, v);

			cr_expect_eq(rt_bind_word_value(&rt_oci_schema, i, word, strlen(word)), v,
				     "%s", word);
		}
	cr_expect_eq(sizeof(enum oci_ns), sizeof(int));
	cr_expect_str_eq(rt_bind_word(&rt_oci_schema, BIND_ENUM_ID(oci_ns), OCI_NS_TIME), "time");
	cr_expect_str_eq(rt_bind_word(&rt_oci_schema, BIND_ENUM_ID(oci_ns), 0), "?");
}

/* ---- collecting -------------------------------------------------------------------------- */

Test(spec_bind, collects_every_mistake)
{
	static const struct {
		unsigned line, column;
		enum problem_severity severity;
		const char *field, *message, *suggestion;
	} wanted[] = {
		{2, 2, PROBLEM_WARNING, "hostnam", "unknown property, ignored",
		 "did you mean \"hostname\"?"},
		{3, 21, PROBLEM_ERROR, "root.readonly", "expected true or false, got a string", ""},
		{3, 9, PROBLEM_ERROR, "root.path", "required, but missing", ""},
		{4, 27, PROBLEM_ERROR, "mounts[0].destination", "expected a string, got a number",
		 ""},
		{4, 40, PROBLEM_ERROR, "mounts[0].options[0]", "expected a string, got an object",
		 ""},
		{5, 12, PROBLEM_WARNING, "linux[\"x y\"]", "unknown property, ignored", ""},
		{5, 65, PROBLEM_ERROR, "linux.namespaces[1].type", "unknown value \"pidd\"",
		 "did you mean \"pid\"?"},
		{1, 1, PROBLEM_ERROR, "ociVersion", "required, but missing", ""},
	};
	_cleanup_free_ char *text = quotes("{\n"
					   " 'hostnam':'x',\n"
					   " 'root':{'readonly':'yes'},\n"
					   " 'mounts':[{'destination':1,'options':[{},'ro']}],\n"
					   " 'linux':{ 'x y':{'a':[1]},'namespaces':[{'type':'ipc'},"
					   "{'type':'pidd'}]}\n"
					   "}");
	struct problems list = {0};
	const struct oci_config *c;
	struct bind_doc doc;
	struct err e = ERR_INIT;

	cr_expect_eq(parse(&doc, BIND_ID(oci_config), text, &list, &e), -EINVAL);
	cr_expect_str_eq(line(&e), "config.json:3:21: root.readonly: expected true or false, "
				   "got a string");
	cr_assert_eq(list.n, ARRAY_SIZE(wanted));
	for (size_t i = 0; i < list.n; i++) {
		cr_expect_eq(list.v[i].severity, wanted[i].severity);
		cr_expect(list.v[i].line == wanted[i].line && list.v[i].column == wanted[i].column,
			  "%s: %u:%u", list.v[i].field, list.v[i].line, list.v[i].column);
		cr_expect_str_eq(list.v[i].field, wanted[i].field);
		cr_expect_str_eq(list.v[i].message, wanted[i].message);
		cr_expect_str_eq(list.v[i].suggestion, wanted[i].suggestion);
	}
	cr_expect_eq(list.errors, 6);
	rt_problems_sort(&list);
	for (size_t i = 1; i < list.n; i++)
		cr_expect(list.v[i - 1].line < list.v[i].line ||
			  (list.v[i - 1].line == list.v[i].line &&
			   list.v[i - 1].column <= list.v[i].column));
	/* what could be read is there, and the numbers of elements are right */
	c = doc.root;
	cr_assert(c && c->linux && c->linux->namespaces.n == 2);
	cr_expect_eq(c->linux->namespaces.v[0].type, OCI_NS_IPC);
	cr_expect(c->mounts.v[0].options.n == 2 && streq(c->mounts.v[0].options.v[1], "ro"));
	cr_expect(!c->mounts.v[0].destination);
	rt_bind_free(&doc);
	rt_problems_free(&list);
}

Test(spec_bind, bounds_the_list)
{
	struct problems list = {0};
	struct strbuf b = {0};
	struct bind_doc doc;
	struct err e = ERR_INIT;

	strbuf_add(&b, "{\"ociVersion\":\"1.0.0\",\"mounts\":[0");
	for (int i = 0; i < 1000; i++)
		strbuf_add(&b, ",0");
	strbuf_add(&b, "]}");
	cr_expect_eq(parse(&doc, BIND_ID(oci_config), b.s, &list, &e), -EINVAL);
	cr_expect_eq(list.n, PROBLEMS_MAX);
	cr_expect_eq(list.errors, 1001);
	cr_expect_eq(list.n + list.dropped, 1001);
	rt_bind_free(&doc);
	rt_problems_free(&list);
	strbuf_free(&b);
}

/* ---- places ------------------------------------------------------------------------------ */

static const char places_text[] =
	"{'ociVersion':'1.0.0',\n"
	" 'process':{'cwd':'/','args':['sh','-c'],'user':{'additionalGids':[4,5]}},\n"
	" 'annotations':{'plain':'1','with.dot':'2'},\n"
	" 'linux':{'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[\n"
	"  {'names':['a','b'],'action':'SCMP_ACT_ERRNO'},\n"
	"  {'names':['c'],'action':'SCMP_ACT_ERRNO','args':[{'index':0,'value':1,'op':'SCMP_CMP_EQ'}]}\n"
	" ]},'resources':{'rdma':{'dev':{'hcaHandles':2}}}}}";

static void expect_place(const struct bind_doc *doc, const void *addr, const char *field,
			 unsigned line_wanted, unsigned column_wanted)
{
	struct report report = {.text = doc->text, .len = doc->len};
	struct bind_path path;
	unsigned line_got, column_got;
	char buf[100];

	cr_expect_str_eq(rt_bind_field(doc, addr, buf, sizeof(buf)), field);
	cr_assert_eq(rt_bind_find(doc, addr, &path), 0, "%s", field);
	rt_json_position(doc->text, rt_bind_locate(&report, &path), &line_got, &column_got);
	cr_expect(line_got == line_wanted && column_got == column_wanted, "%s: %u:%u", field,
		  line_got, column_got);
	rt_report_close(&report);
}

Test(spec_bind, finds_fields_by_address)
{
	_cleanup_free_ char *text = quotes(places_text);
	const struct oci_seccomp *s;
	const struct oci_config *c;
	struct bind_doc doc;
	struct err e = ERR_INIT;
	char buf[10];
	int foreign;

	cr_assert_eq(parse(&doc, BIND_ID(oci_config), text, NULL, &e), 0, "%s", line(&e));
	c = doc.root;
	s = c->linux->seccomp;
	expect_place(&doc, c, "", 1, 1);
	expect_place(&doc, &c->oci_version, "ociVersion", 1, 15);
	expect_place(&doc, c->oci_version, "ociVersion", 1, 15);
	expect_place(&doc, c->process, "process", 2, 12);
	expect_place(&doc, &c->process, "process", 2, 12);
	expect_place(&doc, &c->process->args, "process.args", 2, 30);
	expect_place(&doc, &c->process->args.v[0], "process.args[0]", 2, 31);
	expect_place(&doc, c->process->args.v[1], "process.args[1]", 2, 36);
	expect_place(&doc, &c->process->user->additional_gids.v[1],
		     "process.user.additionalGids[1]", 2, 70);
	expect_place(&doc, &c->annotations.v[0], "annotations.plain", 3, 25);
	expect_place(&doc, c->annotations.v[1].key, "annotations[\"with.dot\"]", 3, 40);
	expect_place(&doc, c->annotations.v[1].value, "annotations[\"with.dot\"]", 3, 40);
	expect_place(&doc, &s->syscalls.v[0].names.v[1], "linux.seccomp.syscalls[0].names[1]", 5,
		     17);
	expect_place(&doc, &s->syscalls.v[1], "linux.seccomp.syscalls[1]", 6, 3);
	expect_place(&doc, &s->syscalls.v[1].args.v[0].op, "linux.seccomp.syscalls[1].args[0].op",
		     6, 78);
	expect_place(&doc, &c->linux->resources->rdma.v[0].value.hca_handles,
		     "linux.resources.rdma.dev.hcaHandles", 7, 46);
	/* what is absent is where it would be */
	expect_place(&doc, &c->process->env, "process.env", 2, 12);
	cr_expect_str_eq(rt_bind_field(&doc, &foreign, buf, sizeof(buf)), "");
	cr_expect_str_eq(rt_bind_field(&doc, NULL, buf, sizeof(buf)), "");
	rt_bind_free(&doc);
}

/* ---- the specification's samples, and writing -------------------------------------------- */

static char *sample(const char *path, size_t *len)
{
	char *text;

	cr_assert_eq(io_read_file(AT_FDCWD, path, 1 << 20, &text, len), 0, "%s", path);
	return text;
}

/* parse(emit(parse(x))) is parse(x), in both forms. */
static void round_trip(const char *name, unsigned object, const struct bind_doc *doc)
{
	for (unsigned flags = 0; flags <= BIND_EMIT_PRETTY; flags++) {
		struct strbuf first = {0}, second = {0};
		struct bind_doc again;
		struct err e = ERR_INIT;

		rt_bind_emit(&rt_oci_schema, object, doc->root, flags, &first);
		cr_assert_eq(parse(&again, object, first.s, NULL, &e), 0, "%s: %s", name, line(&e));
		rt_bind_emit(&rt_oci_schema, object, again.root, flags, &second);
		cr_expect_str_eq(first.s, second.s);
		cr_expect(flags || !strchr(first.s, '\n'), "%s", name);
		rt_bind_free(&again);
		strbuf_free(&first);
		strbuf_free(&second);
	}
}

static void try_samples(const char *kind, unsigned object, bool good)
{
	const char *srcdir = getenv("RT_SRCDIR");
	char pattern[300];
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s/tests/spec-schema/test/%s/%s/*.json",
		 srcdir ? srcdir : ".", kind, good ? "good" : "bad");
	cr_assert_eq(glob(pattern, 0, NULL, &g), 0, "%s", pattern);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		const char *name = g.gl_pathv[i];
		struct err e = ERR_INIT;
		struct bind_doc doc;
		size_t len;
		_cleanup_free_ char *text = sample(name, &len);
		int r = rt_bind_parse(&doc, &rt_oci_schema, object, name, text, len, NULL, &e);

		if (strstr(name, "linux-hugepage")) /* a rule of the check, see spec_check.c */
			cr_expect_eq(r, 0);
		else
			cr_expect_eq(r == 0, good, "%s: %s", name, line(&e));
		if (r == 0)
			round_trip(name, object, &doc);
		rt_bind_free(&doc);
	}
	globfree(&g);
}

Test(spec_bind, takes_the_samples_of_the_specification)
{
	try_samples("config", BIND_ID(oci_config), true);
	try_samples("config", BIND_ID(oci_config), false);
	try_samples("state", BIND_ID(oci_state), true);
	try_samples("state", BIND_ID(oci_state), false);
	try_samples("features", BIND_ID(oci_features), true);
	try_samples("features", BIND_ID(oci_features), false);
}

Test(spec_bind, writes_what_is_present)
{
	static const char *const texts[] = {
		"{}",
		"{'uid':0,'gid':4294967294,'umask':18,'additionalGids':[]}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_free_ char *text = quotes(texts[i]);
		struct strbuf b = {0};
		struct bind_doc doc;
		struct err e = ERR_INIT;

		cr_assert_eq(parse(&doc, BIND_ID(oci_user), text, NULL, &e), 0, "%s", line(&e));
		rt_bind_emit(&rt_oci_schema, BIND_ID(oci_user), doc.root, 0, &b);
		cr_expect_str_eq(b.s, text);
		rt_bind_free(&doc);
		strbuf_free(&b);
	}
}

/* ---- a table of one's own, with members that it does not know ---------------------------- */

#define NOTE_NOTE(F)                                                                               \
	F(STR, text, "text", REQ, _)                                                               \
	F(U32, number, "number", OPT, _)                                                           \
	F(EXTRA, extra, "", OPT, _)
#define NOTE_ENUMS(X)
#define NOTE_OBJECTS(X) X(note, NOTE_NOTE)

BIND_DECLARE(NOTE_ENUMS, NOTE_OBJECTS)
BIND_DEFINE(note_schema, NOTE_ENUMS, NOTE_OBJECTS);

Test(spec_bind, keeps_extra_members)
{
	static const char *const texts[] = {
		"{'text':'a'}",
		"{'text':'a','number':3,'new':{'x':[1,{}],'text':'\\u00e4'}}",
		"{'text':'a','one':1,'two':'b','':null}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_free_ char *text = quotes(texts[i]);
		struct err e = ERR_INIT;
		struct strbuf b = {0};
		struct bind_doc doc;

		cr_assert_eq(rt_bind_parse(&doc, &note_schema, BIND_ID(note), "note", text,
					   strlen(text), NULL, &e),
			     0, "%s", line(&e));
		rt_bind_emit(&note_schema, BIND_ID(note), doc.root, 0, &b);
		cr_expect_str_eq(b.s, text);
		rt_bind_free(&doc);
		strbuf_free(&b);
	}
}
