/* fake.h: a VNF manager that keeps its objects in memory and does what a test tells it.
 *
 * It knows the types passthrough and firewall (left, right); a configuration is good
 * unless it has the member `wrong`. Only a firewall can have replicas, whose flows are
 * spread at once. VNFs are ready at once. Every call that changes
 * something is noted by name.
 */
#ifndef TESTS_ORCH_FAKE_H
#define TESTS_ORCH_FAKE_H

#include <stdbool.h>
#include "orchestrator/southbound/vnfm.h"

struct fake;

struct fake *fake_create(void);
void fake_destroy(struct fake *fake);
struct vnfm fake_vnfm(struct fake *fake);

/* Calls answer ERR_UNAVAILABLE, as those of a VNFM that is not there. */
void fake_set_down(struct fake *fake, bool down);
/* Puts of objects of that kind and name ("" any) fail with ERR_NO_RESOURCE, `times`
 * times; so do relinks with such a link. */
void fake_fail_put(
	struct fake *fake, enum vnfm_kind kind, const char *name, unsigned times);
/* The nth put or relink from now on fails, whatever it is of; 0: none. False: the one
 * that was to fail has not come yet. */
bool fake_fail_nth(struct fake *fake, unsigned nth);
/* VNFs are not ready until told otherwise. */
void fake_hold_ready(struct fake *fake, bool hold);
/* Loses all objects, as a host that was restarted. */
void fake_forget(struct fake *fake);
/* Adds an object that nobody asked for. */
void fake_plant(struct fake *fake, enum vnfm_kind kind, const char *id);
/* The state of the dataplane; null: ready. */
void fake_set_dataplane(struct fake *fake, const char *state);
/* What the VNF of that name is in, until it is put again. */
void fake_set_state(struct fake *fake, const char *name, const char *state);
/* What statistics say that each VNF has; how often they were asked for. */
void fake_set_sessions(struct fake *fake, int sessions);
unsigned fake_sessions_asked(struct fake *fake);
/* What the host has: places for VNFs, and huge-page memory that a test says is free; at
 * first it tells neither. */
void fake_set_room(struct fake *fake, unsigned slots, unsigned free_mib);
/* An event for the long poll. */
void fake_event(struct fake *fake, const char *type);

/* Has fn called after every call that changed something, within it. Null: no more. */
void fake_watch(struct fake *fake, void (*fn)(void *arg), void *arg);
/* Has fn called once, before the next configuration is judged: what others do meanwhile.
 * For tests in which one thread asks. */
void fake_on_check(struct fake *fake, void (*fn)(void *arg), void *arg);
/* Another one with the same objects, that fails what this one would; locked: the caller
 * is such a fn. */
struct fake *fake_clone(struct fake *fake, bool locked);
/* {"<kind>:<id>": document} of all objects, as they were put; new reference. */
json_t *fake_objects(struct fake *fake);

/* Objects of a kind. */
size_t fake_count(struct fake *fake, enum vnfm_kind kind);
/* What was put last under a name; new reference or null. */
json_t *fake_doc(struct fake *fake, enum vnfm_kind kind, const char *name);
/* ["put vnf edge.fw", "del link fw-nat", ...] since the last call; new reference. */
json_t *fake_calls(struct fake *fake);

#endif
