/* replicas.h: a VNF of several processes, among the objects that a host is wanted to hold
 * (target.h). Pure.
 *
 * Replica 0 has the id of the VNF instance, the others "<id>~1" and on, and so have their
 * names. Each carries "replica": {of, index, n}. For each link of the VNF there is one to
 * each of its replicas: "lan-fw" and "lan-fw~1", and between two VNFs "fw-nat~12" from
 * replica 1 of one to replica 2 of the other. A group of VNFs has as many replicas as
 * each of them: "all" and "all~1".
 */
#ifndef ORCHESTRATOR_PLAN_REPLICAS_H
#define ORCHESTRATOR_PLAN_REPLICAS_H

#include <stdbool.h>
#include <jansson.h>

#define REPLICAS_MAX 8

/* Makes the VNF `id` of the set one of n replicas; those that are there keep their core,
 * new ones get cores[index]. Documents of the set are changed: it must be a copy. */
void replicas_set(json_t *objects, const char *id, unsigned n, const int *cores);

/* Adds to a set that has links of replicas 0 only those of all other replicas in it. */
void replicas_add_links(json_t *objects);

/* Whether a VNF of the set is one of one or more replicas, not just a VNF. */
bool replicas_are_told(const json_t *objects, const char *id);
/* Replicas that a VNF of the set has: 1 if it is not scaled; 0: it is not there. */
unsigned replicas_count(const json_t *objects, const char *id);
/* Its replica of that index, or null; borrowed. */
json_t *replicas_find(const json_t *objects, const char *id, unsigned index);

/* "<id>" or "<id>~1". Returns buf. */
char *replicas_id(const char *id, unsigned index, char *buf, size_t size);
/* Id of the VNF instance that an object's id belongs to: cut off at '~'. Returns buf. */
char *replicas_of(const char *id, char *buf, size_t size);
/* 0 for "<id>", 1 for "<id>~1". */
unsigned replicas_index(const char *id);

#endif
