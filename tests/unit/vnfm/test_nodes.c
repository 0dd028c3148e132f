/* test_nodes.c: which CPUs are on which NUMA node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "vnfm/nodes.h"

static const struct cores cores = {4, {0, 1, 2, 5}};

/* A kernel's folder: each CPU on its node. */
static const char *
make_folder(const char *const *links)
{
	static char folder[] = "/tmp/renga-nodes.XXXXXX", command[512];
	snprintf(folder, sizeof(folder), "/tmp/renga-nodes.XXXXXX");
	assert_non_null(mkdtemp(folder));
	for (; *links; links++) {
		snprintf(command, sizeof(command), "mkdir -p %s/%s", folder, *links);
		assert_int_equal(system(command), 0);
	}
	return folder;
}

static void
remove_folder(const char *folder)
{
	char command[128];
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void
test_nodes_of_a_host_with_several_are_told(void **state)
{
	(void)state;
	static const char *const links[] = {"cpu0/node0", "cpu1/node0", "cpu2/node1",
		"cpu5/node1", "cpu7/node2", NULL};
	const char *folder = make_folder(links);
	json_t *nodes = nodes_to_json(folder, &cores);
	json_t *wanted = json_loads("[{\"node\": 0, \"cores\": [0, 1]}, {\"node\": 1, "
				    "\"cores\": [2, 5]}]",
		0, NULL);
	assert_true(json_equal(nodes, wanted));
	json_decref(nodes);
	json_decref(wanted);
	remove_folder(folder);
}

static void
test_nodes_of_a_host_with_one_or_none_are_not_told(void **state)
{
	(void)state;
	static const char *const links[] = {"cpu0/node0", "cpu1/node0", "cpu2/node0",
		"cpu5/node0", "cpu7/node2", NULL};
	const char *folder = make_folder(links);
	assert_null(nodes_to_json(folder, &cores));
	remove_folder(folder);
	assert_null(nodes_to_json("/nothing/here", &cores));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes_of_a_host_with_several_are_told),
		cmocka_unit_test(test_nodes_of_a_host_with_one_or_none_are_not_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
