/* What one I/O worker cares for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "dataplane/host/plan.h"

static void
test_plan_keeps_what_is_added_in_order(void **state)
{
	struct plan *plan = plan_create(2, 1);
	uint64_t garbage = 0;
	char ports[2];

	(void)state;
	assert_non_null(plan);
	for (unsigned i = 0; i < 2; i++)
		plan_add_port(
			plan, &(struct plan_port){.port = (struct port *)&ports[i]});
	plan_add_slot(plan, &(struct plan_slot){.garbage = &garbage});
	assert_int_equal(plan->n_ports, 2);
	assert_int_equal(plan->n_slots, 1);
	assert_ptr_equal(plan->ports[1].port, &ports[1]);
	assert_ptr_equal(plan->slots[0].garbage, &garbage);
	free(plan);
}

static void
test_plan_may_be_empty(void **state)
{
	struct plan *plan = plan_create(0, 0);

	(void)state;
	assert_non_null(plan);
	assert_int_equal(plan->n_ports + plan->n_slots, 0);
	free(plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_keeps_what_is_added_in_order),
		cmocka_unit_test(test_plan_may_be_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
