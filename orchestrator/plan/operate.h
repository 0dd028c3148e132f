/* operate.h: a VNF that is stopped, among the objects that a host is wanted to hold
 * (target.h). Pure.
 *
 * It leaves with its replicas and with all links that end at it: what is sent to it has
 * nowhere to go, and nobody waits for it. What left is kept, and comes back when it is
 * started; a link whose other end is stopped too comes back with that. Those with which
 * it shares a process go on in a group without it.
 */
#ifndef ORCHESTRATOR_PLAN_OPERATE_H
#define ORCHESTRATOR_PLAN_OPERATE_H

#include <jansson.h>

/* The objects without a VNF; *left: those that are not among them. New references. */
json_t *operate_stop(const json_t *objects, const char *vnf, json_t **left);
/* The objects with those that a stopped VNF left; *apart: links that have to wait for
 * another VNF. New references. */
json_t *operate_start(const json_t *objects, const json_t *left, json_t **apart);
/* Id of the VNF that a link waits for: that of its ends which is not among the objects;
 * null: of none. Written to buf. */
char *operate_missing(const json_t *objects, const json_t *link, char *buf, size_t size);

#endif
