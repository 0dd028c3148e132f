/* step.h: one request to the dataplane about one object, and what follows from its
 * answer. Loop thread only. */
#ifndef VNFM_STEP_H
#define VNFM_STEP_H

#include "vnfm/converge.h"
#include "vnfm/manager.h"

/* action: CONVERGE_PUT, CONVERGE_DEL or CONVERGE_CLEAR. The object is busy until the
 * answer has come; then its members tell what the dataplane has, or why it refused, and
 * the manager goes another round. */
void step_ask(
	struct manager *manager, struct object *object, enum converge_action action);

#endif
