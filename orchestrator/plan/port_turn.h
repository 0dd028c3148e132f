/* port_turn.h: a port that is to have another device, in a service that runs. Pure.
 *
 * The host knows a port by its id and never changes its device. So the port with the new
 * device is another object, "<ns>/lan.2" where it is "<ns>/lan" and back, with the same
 * name: it stands beside the old one until the links have changed over, and only what the
 * old device holds is lost. Where the new device is one that the service uses already, be
 * it the same with another MTU, that has to end first: then the port keeps its id.
 */
#ifndef ORCHESTRATOR_PLAN_PORT_TURN_H
#define ORCHESTRATOR_PLAN_PORT_TURN_H

#include <stdbool.h>
#include <jansson.h>

/* Gives the ports of the target, and the ends of its links, the ids that they shall have.
 * Documents of the target are changed. */
void port_turn(const json_t *actual, json_t *target);

/* Whether nothing but the limits of a port differs, so that it goes on; of documents. */
bool port_turn_stays(const json_t *before, const json_t *after);

#endif
