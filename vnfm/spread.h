/* spread.h: has the replicas of a VNF share its flows, and empties those that are to go.
 * For any thread but the loop's: it asks the dataplane and the VNFs in turn.
 */
#ifndef VNFM_SPREAD_H
#define VNFM_SPREAD_H

#include <stdbool.h>
#include <jansson.h>
#include "common/err.h"

/* Has replicas 0 to n - 1 of the VNF `of` share all new flows, while sessions stay where
 * they are; may be repeated. *done: {done, sessions}. Replicas beyond may have sessions
 * still: done is true when there are none left. force: those left are given up, as are
 * those of a replica that does not run; their flows go to the others from now on,
 * `sessions` says how many. ERR_UNAVAILABLE: a replica does not run at the moment. */
int spread_run(const char *of, unsigned n, bool force, json_t **done, struct err *err);

#endif
