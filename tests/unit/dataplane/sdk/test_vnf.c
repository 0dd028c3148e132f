/* Tests of vnf: the manifest, and judging a configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/sdk/vnf.h"

struct config {
	uint32_t low, high;
};

static const char *const cps[] = {"a", "b", NULL};
static const struct vnf_reason_info reasons[] = {
	{"first", "its first"}, {"second", NULL}, {0}};
static const struct field fields[] = {
	{.name = "low",
		.type = FIELD_UINT,
		.offset = offsetof(struct config, low),
		.size = sizeof(uint32_t),
		.max = 10},
	{.name = "high",
		.type = FIELD_UINT,
		.offset = offsetof(struct config, high),
		.size = sizeof(uint32_t),
		.dflt = "5"},
	{0},
};

static void
check(const void *config, struct faults *faults)
{
	const struct config *c = config;

	if (c->low > c->high)
		faults_add(faults, ERR_INVALID, "low", NULL, "low is above high");
}

static const struct vnf_type type = {.api = VNF_API_VERSION,
	.name = "test",
	.summary = "a type",
	.cps = cps,
	.reasons = reasons,
	.fields = fields,
	.config_size = sizeof(struct config),
	.state_version = 3,
	.check = check};

static void
test_vnf_manifest_lists_reasons_by_their_numbers(void **state)
{
	json_t *manifest = vnf_manifest(&type);
	json_t *list = json_object_get(manifest, "dropReasons"), *reason;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(list), VNF_REASON_OWN + 2);
	json_array_foreach (list, i, reason)
		assert_string_equal(json_string_value(json_object_get(reason, "name")),
			vnf_reason(&type, (unsigned)i)->name);
	assert_string_equal(vnf_reason(&type, VNF_REASON_PATIENCE)->name, "patience");
	assert_string_equal(vnf_reason(&type, VNF_REASON_OWN + 1)->name, "second");
	json_decref(manifest);
}

static void
test_vnf_manifest_says_what_the_type_is(void **state)
{
	json_t *manifest = vnf_manifest(&type);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(manifest, "type")), "test");
	assert_int_equal(
		json_array_size(json_object_get(manifest, "connectionPoints")), 2);
	assert_int_equal(
		json_integer_value(json_object_get(manifest, "stateVersion")), 3);
	assert_int_equal(json_array_size(json_object_get(manifest, "config")), 2);
	json_decref(manifest);
}

static int
parse(const char *text, struct config *config, struct faults *faults)
{
	json_t *json = json_loads(text, 0, NULL);
	void *parsed = NULL;
	int rc = vnf_config_parse(&type, json, &parsed, faults);

	if (rc == 0)
		*config = *(struct config *)parsed;
	vnf_config_free(&type, parsed);
	json_decref(json);
	return rc;
}

static void
test_vnf_config_has_its_defaults(void **state)
{
	struct config config;
	struct faults faults = {0};

	(void)state;
	assert_int_equal(parse("{\"low\": 2}", &config, &faults), 0);
	assert_int_equal(config.low, 2);
	assert_int_equal(config.high, 5);
}

static void
test_vnf_config_rules_between_fields_are_faults_too(void **state)
{
	struct config config;
	struct faults faults = {0};

	(void)state;
	assert_int_equal(parse("{\"low\": 6}", &config, &faults), err_errno(ERR_INVALID));
	assert_int_equal(faults.n, 1);
	assert_string_equal(faults.list[0].path, "low");
	faults_clear(&faults);
	assert_int_not_equal(parse("{\"low\": 11, \"hihg\": 1}", &config, &faults), 0);
	assert_int_equal(faults.n, 2);
	faults_clear(&faults);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vnf_manifest_lists_reasons_by_their_numbers),
		cmocka_unit_test(test_vnf_manifest_says_what_the_type_is),
		cmocka_unit_test(test_vnf_config_has_its_defaults),
		cmocka_unit_test(test_vnf_config_rules_between_fields_are_faults_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
