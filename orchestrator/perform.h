/* perform.h: one step of an operation done, or undone: patiently with a VNFM that does
 * not answer, and until what it is to wait for has come.
 *
 * A drain gives the sessions of a VNF, or of a whole service, time to end by themselves
 * before what follows cuts them; an undone wait or drain is nothing.
 */
#ifndef ORCHESTRATOR_PERFORM_H
#define ORCHESTRATOR_PERFORM_H

#include "common/err.h"
#include "db/steps.h"
#include "orchestrator/run.h"

/* Repeating either is harmless. ERR_STATE if the orchestrator stops, or the operation was
 * cancelled by force, meanwhile. */
int perform_do(struct run *run, const struct db_step *step, struct err *err);
int perform_undo(struct run *run, const struct db_step *step, struct err *err);

#endif
