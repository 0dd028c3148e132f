/* merge.h: JSON merge patch (RFC 7396). Pure. */
#ifndef ORCHESTRATOR_MERGE_H
#define ORCHESTRATOR_MERGE_H

#include <jansson.h>

/* target with patch applied; both borrowed and untouched, target null: nothing. New
 * reference. */
json_t *merge_patch(const json_t *target, const json_t *patch);

#endif
