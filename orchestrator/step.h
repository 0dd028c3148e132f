/* step.h: one step of an operation, asked of the VNF manager. */
#ifndef ORCHESTRATOR_STEP_H
#define ORCHESTRATOR_STEP_H

#include "common/err.h"
#include "db/steps.h"
#include "orchestrator/vnfm.h"

#define STEP_READY_MS 15000 /* in which a started VNF must be ready */

/* "service", "port", "vnf", "link" and back. */
enum vnfm_kind step_kind(const char *name);
const char *step_kind_name(enum vnfm_kind kind);

/* Carries the step out, or its opposite. Repeating either is harmless. Not for a wait or
 * a spread. */
int step_do(const struct vnfm *vnfm, const struct db_step *step, struct err *err);
int step_undo(const struct vnfm *vnfm, const struct db_step *step, struct err *err);

/* A failure for people and programs: {code, path, text, hint, step, object, log?}; new
 * reference. */
json_t *step_reason(
	const struct vnfm *vnfm, const struct db_step *step, const struct err *err);

#endif
