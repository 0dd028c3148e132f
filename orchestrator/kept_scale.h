/* kept_scale.h: the scale policy of a VNF: measured, chosen, carried out, told. */
#ifndef ORCHESTRATOR_KEPT_SCALE_H
#define ORCHESTRATOR_KEPT_SCALE_H

#include "orchestrator/kept_look.h"

/* The policy with replicas, value, now, cooldownLeft, last; new reference. */
json_t *kept_scale(const struct kept_look *look, struct kept_vnf *vnf);

#endif
