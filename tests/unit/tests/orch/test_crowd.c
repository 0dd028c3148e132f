/* test_crowd.c: many clients at once make, scale and remove many services. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <pthread.h>
#include <cmocka.h>
#include "db/occurrences.h"
#include "db/vnf_instances.h"
#include "orchestrator/chains.h"
#include "orchestrator/host.h"
#include "orchestrator/vnf_scale.h"
#include "tests/orch/stage.h"

#define CLIENTS	 16
#define SERVICES 200

static struct stage stage;
static atomic_uint next_service, n_done, n_failed;

/* Waits for the end; false if it is another than COMPLETED. */
static bool
completes(const char *occurrence)
{
	for (unsigned ms = 0; ms < 20000; ms++) {
		struct db_occurrence row = {0};
		struct err err;
		if (db_occurrence_get(stage.orch->db, occurrence, &row, &err))
			return false;
		const bool done = strcmp(row.state, "COMPLETED") == 0;
		const bool going = strcmp(row.state, "PROCESSING") == 0 ||
				   strcmp(row.state, "STARTING") == 0;
		db_occurrence_clear(&row);
		if (!going)
			return done;
		usleep(1000);
	}
	return false;
}

static bool
make(const char *name)
{
	struct chains_applied applied = {0};
	struct faults faults = {0};
	struct err err;
	json_t *doc = json_pack("{s:s, s:s, s:{s:{s:s}, s:{s:s}}, s:[s, {s:s, s:s}, s]}",
		"kind", "Chain", "name", name, "ports", "lan", "driver", "null", "wan",
		"driver", "null", "path", "lan", "vnf", "a", "type", "firewall", "wan");
	int rc = chains_apply(stage.orch, doc, false, &applied, &faults, &err);
	faults_clear(&faults);
	json_decref(applied.body);
	json_decref(doc);
	return rc == 0 && completes(applied.occurrence);
}

static bool
scale(const char *name)
{
	struct operation_answer answer = {0};
	struct faults faults = {0};
	struct db_vnf *rows;
	struct err err;
	size_t n;
	char vnf[64];
	int rc = db_vnf_list(stage.orch->db, &rows, &n, &err);
	json_t *request = json_pack("{s:s}", "type", "SCALE_OUT");
	snprintf(vnf, sizeof(vnf), "%s.a", name);
	for (size_t i = 0; !rc && i < n; i++)
		if (strcmp(rows[i].name, vnf) == 0)
			rc = vnf_scale(
				stage.orch, rows[i].id, request, &answer, &faults, &err);
	db_vnfs_free(rows, n);
	faults_clear(&faults);
	json_decref(request);
	return rc == 0 && completes(answer.occurrence);
}

/* The occurrence of a chain that is gone stays. */
static bool
end(const char *name)
{
	char occurrence[STAMP_ID];
	struct err err;
	return chains_delete(stage.orch, name, occurrence, &err) == 0 &&
	       completes(occurrence);
}

static void *
client(void *arg)
{
	unsigned number;
	(void)arg;
	while ((number = atomic_fetch_add(&next_service, 1)) < SERVICES) {
		char name[16];
		snprintf(name, sizeof(name), "s%u", number);
		atomic_fetch_add(
			make(name) && scale(name) && end(name) ? &n_done : &n_failed, 1);
	}
	return NULL;
}

static void
test_crowd_of_clients_leaves_nothing_behind(void **state)
{
	pthread_t threads[CLIENTS];
	struct err err;
	json_t *list, *doctor;
	(void)state;
	stage_open(&stage);
	for (unsigned i = 0; i < CLIENTS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, client, NULL), 0);
	for (unsigned i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(n_failed, 0);
	assert_int_equal(n_done, SERVICES);
	for (int kind = VNFM_SERVICE; kind <= VNFM_LINK; kind++)
		assert_int_equal(fake_count(stage.fake, (enum vnfm_kind)kind), 0);
	assert_int_equal(chains_list(stage.orch, &list, &err), 0);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	assert_int_equal(host_doctor(stage.orch, &doctor, &err), 0);
	assert_true(json_is_true(json_object_get(doctor, "ok")));
	json_decref(doctor);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crowd_of_clients_leaves_nothing_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
