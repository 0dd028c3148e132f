/* port_lost.h: a port whose network interface is gone: its driver is closed, what the
 * chain sends to it is dropped and counted ("no-interface"), and it is opened again when
 * there is an interface of that name. Control thread; no plan may name the port during
 * port_lose() and port_recover().
 */
#ifndef DATAPLANE_HOST_PORT_LOST_H
#define DATAPLANE_HOST_PORT_LOST_H

#include <stdbool.h>
#include "dataplane/host/port.h"

/* Its interface was deleted, renamed, or is another one of that name now. */
bool port_has_lost(const struct port *port);
/* It was lost, and could be opened now: for what an earlier attempt failed of, see
 * port->why. */
bool port_may_recover(const struct port *port);
/* Buffers that the driver held are at home afterwards. why is kept. */
void port_lose(struct port *port, const struct err *why);
/* Opens it as at first. On failure it stays lost, for a new reason. */
int port_recover(struct port *port, struct err *err);

extern const struct driver driver_lost;

#endif
