/* repath.h: how a running service comes from its forwarding paths to others without loss.
 * Pure.
 *
 * Packets are given their path by what the host is told to steer by (target_paths.h), and
 * take the links that name it. So links of paths that come, or go another way, are there
 * before the steering changes, and those of paths that go stay until it has changed:
 * relink, put of the service, relink.
 */
#ifndef ORCHESTRATOR_PLAN_REPATH_H
#define ORCHESTRATOR_PLAN_REPATH_H

#include <stdbool.h>
#include <jansson.h>

/* When the document of the service is put. */
enum repath_when {
	REPATH_FIRST,  /* as it has no paths yet, or the steering does not change */
	REPATH_BEFORE, /* before the second of two relinks */
	REPATH_LAST,   /* as it has no paths any more */
};

enum repath_when repath_when(const json_t *present, const json_t *target);

/* The objects between the two relinks: those of the target, whose links have the paths
 * that go beside their own. New reference. */
json_t *repath_between(const json_t *present, const json_t *target);

#endif
