/* plan.c: building the list of what one I/O worker cares for. */
#include <stdlib.h>
#include "dataplane/host/plan.h"

struct plan *
plan_create(unsigned ports, unsigned slots)
{
	struct plan *plan = calloc(1, sizeof(*plan) + ports * sizeof(struct plan_port) +
					      slots * sizeof(struct plan_slot));

	if (plan == NULL)
		return NULL;
	plan->ports = (struct plan_port *)(plan + 1);
	plan->slots = (struct plan_slot *)(plan->ports + ports);
	return plan;
}

void
plan_add_port(struct plan *plan, const struct plan_port *port)
{
	plan->ports[plan->n_ports++] = *port;
}

void
plan_add_slot(struct plan *plan, const struct plan_slot *slot)
{
	plan->slots[plan->n_slots++] = *slot;
}
