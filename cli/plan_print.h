/* plan_print.h: what an apply would do, for people. */
#ifndef CLI_PLAN_PRINT_H
#define CLI_PLAN_PRINT_H

#include "cli/output.h"

/* plan: {name, exists, steps: [{action, kind, object, name, wanted?, before?}]}. One line
 * per thing that is made (+), changed (~, and below it the members that differ) or ended
 * (-). */
void plan_print(const struct output *out, const json_t *plan);

#endif
