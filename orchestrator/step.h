/* step.h: one step of an operation, asked of the VNF manager. */
#ifndef ORCHESTRATOR_STEP_H
#define ORCHESTRATOR_STEP_H

#include <stdint.h>
#include <jansson.h>
#include "common/err.h"
#include "db/steps.h"
#include "orchestrator/southbound/vnfm.h"

/* "service", "port", "vnf", "link" and back. */
enum vnfm_kind step_kind(const char *name);
const char *step_kind_name(enum vnfm_kind kind);

/* Time that a step of a plan may take: what it says in `timeoutMs`, else what is usual
 * for its action. A put, del or relink takes longer only if the VNFM does not answer. */
int64_t step_timeout_ms(const json_t *step);

/* Carries the step out, or its opposite. Repeating either is harmless. Not for a wait or
 * a spread. */
int step_do(const struct vnfm *vnfm, const struct db_step *step, struct err *err);
int step_undo(const struct vnfm *vnfm, const struct db_step *step, struct err *err);

/* A failure for people and programs: {code, path, text, hint, step, object, log?}; new
 * reference. */
json_t *step_reason(
	const struct vnfm *vnfm, const struct db_step *step, const struct err *err);

#endif
