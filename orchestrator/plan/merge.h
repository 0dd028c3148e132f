/* merge.h: documents that are changed by others. Pure. */
#ifndef ORCHESTRATOR_PLAN_MERGE_H
#define ORCHESTRATOR_PLAN_MERGE_H

#include <jansson.h>

/* JSON merge patch (RFC 7396): target with patch applied; both borrowed and untouched,
 * target null: nothing. New reference. */
json_t *merge_patch(const json_t *target, const json_t *patch);

/* Who gave out `before` gives out `after` now; meanwhile it had become `now`: what
 * differs between the two is taken from `after`, member by member, all else stays as it
 * is now. A list is one value. Null: nothing. New reference, or null. */
json_t *merge_three(const json_t *before, const json_t *after, const json_t *now);

#endif
