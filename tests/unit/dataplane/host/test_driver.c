/* Port specifications: which driver, and what each makes of its members. No EAL: only the
 * field tables are used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dataplane/host/driver.h"
#include "dataplane/host/port.h"

static struct err err;

/* Judges a specification; the path of its first fault, or "" if it has none. */
static const char *
judge(const char *text)
{
	static char path[sizeof(err.path)];
	json_t *spec = json_loads(text, 0, NULL);
	const struct driver *driver;
	struct faults faults = {0};
	void *parsed;

	assert_non_null(spec);
	err = (struct err){0};
	driver = driver_find(spec, &err);
	if (driver != NULL) {
		parsed = calloc(1, driver->spec_size);
		if (field_parse(driver->fields, spec, "", parsed, driver->spec_size,
			    &faults) == 0)
			field_clear(driver->fields, parsed);
		else
			faults_first(&faults, &err);
		free(parsed);
	}
	faults_clear(&faults);
	json_decref(spec);
	memcpy(path, err.path, sizeof(path));
	return path;
}

static void
test_driver_specs_of_the_contract_are_good(void **state)
{
	static const char *const good[] = {
		"{\"driver\": \"af_packet\", \"interface\": \"lan0\"}",
		"{\"driver\": \"af_packet\", \"interface\": \"lan0\", \"mtu\": 1400, "
		"\"promiscuous\": false}",
		"{\"driver\": \"af_xdp\", \"interface\": \"lan0\", \"queues\": 2}",
		"{\"driver\": \"tap\", \"interface\": \"tap0\"}",
		"{\"driver\": \"pcap\", \"rx\": \"/a\", \"tx\": \"/b\"}",
		"{\"driver\": \"memif\", \"socket\": \"/s\", \"role\": \"client\", "
		"\"id\": 3}",
		"{\"driver\": \"pci\", \"address\": \"0000:03:00.0\"}",
		"{\"driver\": \"null\"}",
		"{\"driver\": \"generator\"}",
		"{\"driver\": \"generator\", \"rate\": \"1M\", \"size\": \"imix\", "
		"\"flows\": 65536, "
		"\"src\": \"10.0.0.1\", \"dst\": \"10.0.0.2\", \"protocol\": \"tcp\", "
		"\"dst-mac\": \"02:00:00:00:00:01\", \"count\": 1000, \"duration\": "
		"\"5s\"}",
		"{\"driver\": \"generator\", \"rate\": \"max\", \"size\": 64}",
		"{\"driver\": \"eal\", \"devargs\": \"net_ring0\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		judge(good[i]);
		if (err.code != ERR_NONE)
			fail_msg("%s: %s: %s", good[i], err.path, err.text);
	}
}

static void
test_driver_faults_name_the_member(void **state)
{
	(void)state;
	assert_string_equal(judge("{}"), "driver");
	assert_string_equal(judge("{\"driver\": 3}"), "driver");
	assert_string_equal(judge("{\"driver\": \"af_packet\"}"), "interface");
	assert_string_equal(judge("{\"driver\": \"null\", \"size\": 64}"), "size");
	assert_string_equal(
		judge("{\"driver\": \"generator\", \"rate\": \"fast\"}"), "rate");
	assert_string_equal(judge("{\"driver\": \"generator\", \"rate\": 0}"), "rate");
	assert_string_equal(judge("{\"driver\": \"generator\", \"size\": 59}"), "size");
	assert_string_equal(judge("{\"driver\": \"generator\", \"size\": 1515}"), "size");
	assert_string_equal(judge("{\"driver\": \"generator\", \"flows\": 0}"), "flows");
	assert_string_equal(
		judge("{\"driver\": \"generator\", \"dst\": \"nowhere\"}"), "dst");
	assert_string_equal(
		judge("{\"driver\": \"memif\", \"socket\": \"/s\", \"role\": \"x\"}"),
		"role");
}

static void
test_driver_unknown_name_is_hinted_at(void **state)
{
	(void)state;
	assert_string_equal(judge("{\"driver\": \"afpacket\"}"), "driver");
	assert_non_null(strstr(err.hint, "af_packet"));
	judge("{\"driver\": \"something-else\"}");
	assert_non_null(strstr(err.hint, "generator"));
}

static void
test_driver_generator_prints_what_it_was_given(void **state)
{
	json_t *spec = json_pack(
		"{s:s, s:s, s:s}", "driver", "generator", "rate", "2M", "size", "imix");
	void *parsed = calloc(1, driver_generator.spec_size);
	struct faults faults = {0};
	json_t *printed;

	(void)state;
	assert_int_equal(field_parse(driver_generator.fields, spec, "", parsed,
				 driver_generator.spec_size, &faults),
		0);
	printed = field_print(driver_generator.fields, parsed);
	assert_string_equal(json_string_value(json_object_get(printed, "rate")), "2M");
	assert_string_equal(json_string_value(json_object_get(printed, "size")), "imix");
	json_decref(printed);
	json_decref(spec);
	field_clear(driver_generator.fields, parsed);
	free(parsed);
}

static void
test_port_reasons_have_the_names_that_vnfs_use_too(void **state)
{
	(void)state;
	assert_string_equal(port_reason_name(PORT_OVERFLOW), "overflow");
	assert_string_equal(port_reason_name(PORT_PATIENCE), "patience");
	assert_string_equal(port_reason_name(PORT_MALFORMED), "malformed");
	assert_string_equal(port_reason_name(PORT_NO_BUFFER), "no-buffer");
	for (unsigned i = 0; i < PORT_REASONS; i++)
		assert_non_null(port_reason_name(i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_driver_specs_of_the_contract_are_good),
		cmocka_unit_test(test_driver_faults_name_the_member),
		cmocka_unit_test(test_driver_unknown_name_is_hinted_at),
		cmocka_unit_test(test_driver_generator_prints_what_it_was_given),
		cmocka_unit_test(test_port_reasons_have_the_names_that_vnfs_use_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
