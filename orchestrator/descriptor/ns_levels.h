/* ns_levels.h: the scaling aspects and instantiation levels of a network service, as its
 * descriptor has them (SOL006, df: scaling-aspect and ns-instantiation-level). Pure.
 *
 * A level maps VNF profiles to numbers: `number-of-instances` of a profile are replicas
 * of its VNF. The levels of an aspect are numbered from 0 in the order of its list.
 */
#ifndef ORCHESTRATOR_DESCRIPTOR_NS_LEVELS_H
#define ORCHESTRATOR_DESCRIPTOR_NS_LEVELS_H

#include <jansson.h>

/* [{vnf-profile-id, number-of-instances}] of a level of an aspect, or of an instantiation
 * level; null: there is none. Borrowed. nsd: as nsd_form_find() gives it; flavour null:
 * the first. */
const json_t *ns_levels_of_aspect(
	const json_t *nsd, const char *flavour, const char *aspect, int level);
const json_t *ns_levels_instantiation(
	const json_t *nsd, const char *flavour, const char *level);
/* How many levels an aspect has; 0: there is none of that name. */
int ns_levels_count(const json_t *nsd, const char *flavour, const char *aspect);
/* The highest level of an aspect that has these numbers {profile: n}; -1: none has. */
int ns_levels_now(const json_t *nsd, const char *flavour, const char *aspect,
	const json_t *numbers);
/* nsScaleStatus [{nsScalingAspectId, nsScaleLevelId}]: the aspects that are at a level.
 * New reference. */
json_t *ns_levels_status(const json_t *nsd, const char *flavour, const json_t *numbers);

#endif
