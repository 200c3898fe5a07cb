/* SPDX-License-Identifier: Apache-2.0 */
/* The features document: it is one by the rows of the table, and agrees with the other tables. */
#include <errno.h>

#include "base/str.h"
#include "ocirt.h"
#include "plan/mount_options.h"
#include "spec/annotations.h"
#include "spec/bind.h"
#include "spec/check.h"
#include "spec/oci.h"
#include "test.h"

static bool has_word(const struct str_array *list, const char *word)
{
	for (size_t i = 0; i < list->n; i++)
		if (streq(list->v[i], word))
			return true;
	return false;
}

/* The document of this build; the text is freed by the caller. */
static const struct oci_features *parse(struct bind_doc *doc, char **ret_text)
{
	_cleanup_(rt_problems_free) struct problems list = {0};
	struct err e = ERR_INIT;
	ocirt_context *ctx;

	cr_assert_eq(ocirt_context_new(&ctx), 0);
	cr_assert_eq(ocirt_features(ctx, 0, ret_text), 0, "%s", ocirt_error_message(ctx));
	cr_assert_eq(rt_bind_parse(doc, &rt_oci_schema, BIND_ID(oci_features), "features", *ret_text,
				   strlen(*ret_text), &list, &e),
		     0, "%s: %s", e.field, e.text);
	cr_expect_eq(list.n, 0, "an unknown key");
	ocirt_context_free(ctx);
	return doc->root;
}

Test(features, is_what_the_rows_say)
{
	_cleanup_strbuf_ struct strbuf again = {0};
	_cleanup_free_ char *text = NULL;
	struct bind_doc doc = {0};
	const struct oci_features *f = parse(&doc, &text);

	cr_expect_str_eq(f->oci_version_max, OCI_VERSION);
	for (size_t i = 0; i < sizeof(f->has); i++)
		cr_expect(((const bool *)&f->has)[i], "member %zu is absent, which means unknown", i);
	for (size_t i = 0; i < sizeof(f->linux->has); i++)
		cr_expect(((const bool *)&f->linux->has)[i], "linux: member %zu is absent", i);
	rt_bind_emit(&rt_oci_schema, BIND_ID(oci_features), f, BIND_EMIT_PRETTY, &again);
	cr_expect_str_eq(again.s, text);
	rt_bind_free(&doc);
}

Test(features, agrees_with_the_tables)
{
	_cleanup_free_ char *text = NULL;
	struct bind_doc doc = {0};
	const struct oci_features *f = parse(&doc, &text);
	const struct oci_features_linux *l = f->linux;
	const char *option;
	bool extension;

	for (size_t i = 0; (option = plan_mount_option_name(i, &extension)); i++)
		cr_expect(has_word(&f->mount_options, option), "%s", option);
	cr_expect_eq(f->hooks.n, 6);
	cr_expect_eq(l->namespaces.n, OCI_NS_MAX - 1);
	cr_expect(has_word(&l->capabilities, "CAP_CHECKPOINT_RESTORE"));
	cr_expect_eq(l->seccomp->operators.n, OCI_SECCOMP_OP_MAX - 1);
	cr_expect(l->seccomp->archs.n > 0);
	cr_expect_eq(l->net_devices->enabled, rt_check_supports("linux.netDevices"));
	cr_expect_eq(l->intel_rdt->enabled, rt_check_supports("linux.intelRdt"));
	cr_expect_eq(l->apparmor->enabled, rt_check_supports("process.apparmorProfile"));
	cr_expect_eq(l->memory_policy->modes.n > 0, rt_check_supports("linux.memoryPolicy"));
	rt_bind_free(&doc);
}

/* features.md: every annotation that changes what we do is among the unsafe ones. */
Test(features, unsafe_annotations)
{
	_cleanup_free_ char *text = NULL;
	struct bind_doc doc = {0};
	const struct oci_features *f = parse(&doc, &text);
	const struct str_array *list = &f->potentially_unsafe_config_annotations;

	for (enum rt_annotation a = 0; a < RT_ANNOTATION_MAX; a++) {
		bool covered = false;

		for (size_t i = 0; i < list->n; i++)
			covered |= str_starts(rt_annotation_name(a), list->v[i]);
		cr_expect(covered, "%s", rt_annotation_name(a));
	}
	rt_bind_free(&doc);
}

/* --host adds annotations only: features.md allows no properties of our own. */
Test(features, host)
{
	_cleanup_free_ char *text = NULL;
	struct bind_doc doc = {0};
	struct err e = ERR_INIT;
	const struct oci_features *f;
	ocirt_context *ctx;
	size_t of_host = 0;

	cr_assert_eq(ocirt_context_new(&ctx), 0);
	cr_assert_eq(ocirt_features(ctx, OCIRT_FEATURES_HOST, &text), 0, "%s",
		     ocirt_error_message(ctx));
	cr_assert_eq(rt_bind_parse(&doc, &rt_oci_schema, BIND_ID(oci_features), "features", text,
				   strlen(text), NULL, &e),
		     0, "%s: %s", e.field, e.text);
	f = doc.root;
	for (size_t i = 0; i < f->annotations.n; i++)
		of_host += str_starts(f->annotations.v[i].key, "run.oci.rt.host.");
	cr_expect_eq(of_host, f->annotations.n - 2);
	cr_expect(of_host >= 10);
	rt_bind_free(&doc);
	ocirt_context_free(ctx);
}

Test(features, arguments)
{
	ocirt_context *ctx;
	char *text;

	cr_assert_eq(ocirt_context_new(&ctx), 0);
	cr_expect_eq(ocirt_features(NULL, 0, &text), -EINVAL);
	cr_expect_eq(ocirt_features(ctx, 0, NULL), -EINVAL);
	cr_expect_eq(ocirt_features(ctx, 1u << 31, &text), -EINVAL);
	cr_expect_str_eq(ocirt_error_code(ctx), "E_USAGE");
	ocirt_context_free(ctx);
}

Test(annotations, find)
{
	const struct str_pair pairs[] = {{"other", "1"}, {"run.oci.handler", "krun"}};
	const struct str_map map = {2, pairs};

	cr_expect_eq(rt_annotation_find("run.oci.handler"), RT_ANNOTATION_HANDLER);
	cr_expect_eq(rt_annotation_find("org.systemd.property.CPUQuota"),
		     RT_ANNOTATION_SYSTEMD_PROPERTY);
	cr_expect_eq(rt_annotation_find("run.oci.handlers"), RT_ANNOTATION_MAX);
	cr_expect_str_eq(rt_annotation_nearest("run.oci.handlr"), "run.oci.handler");
	cr_expect_null(rt_annotation_nearest("run.oci.something"));
	cr_expect_eq(rt_annotation_get(&map, RT_ANNOTATION_HANDLER), &pairs[1]);
	cr_expect_null(rt_annotation_get(&map, RT_ANNOTATION_CRIU_CONFIG));
}
