/* port.h: port objects of a descriptor: what each driver takes, and which resource it
 * claims.
 *
 * Judged before anything is begun; whether an interface exists is known to the host
 * alone, and told by the put of the port.
 */
#ifndef ORCHESTRATOR_DESCRIPTOR_PORT_H
#define ORCHESTRATOR_DESCRIPTOR_PORT_H

#include <stddef.h>
#include <jansson.h>
#include "common/err.h"

/* Judges a port object; paths start with `path`. 0, or the negative errno of the first
 * fault. Pure. */
int port_check(const json_t *port, const char *path, struct faults *faults);

/* The resource that only one port may use at a time: "interface:lan0",
 * "pci:0000:01:00.0", "memif:/run/x.sock:0". "" if it claims none. Returns buf. Pure. */
char *port_claim(const json_t *port, char *buf, size_t size);

/* The member of the port object that names the claimed resource: "interface". */
const char *port_claim_member(const json_t *port);

#endif
