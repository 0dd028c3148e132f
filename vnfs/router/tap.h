/* tap.h: the network interface that the kernel, and so the routing daemons, have for a
 * connection point: a TAP with its MAC, MTU and addresses. Control thread. */
#ifndef VNFS_ROUTER_TAP_H
#define VNFS_ROUTER_TAP_H

#include "dataplane/sdk/iface.h"

#define TAP_NAME 16 /* with NUL */

struct tap_spec {
	char name[TAP_NAME];
	uint16_t mtu;
	struct iface iface; /* its MAC and addresses are the TAP's */
};

struct tap {
	int fd; /* non-blocking; -1: there is none */
	uint32_t ifindex;
	struct tap_spec spec;
};

/* Makes it in the network namespace of that path (null: ours), up. It lives as long as fd
 * is open. 0, or negative errno with err. */
int tap_open(
	struct tap *tap, const struct tap_spec *spec, const char *netns, struct err *err);
/* Gives it another MTU and other addresses while it is there; name and MAC are the same.
 */
int tap_change(
	struct tap *tap, const struct tap_spec *spec, const char *netns, struct err *err);
void tap_close(struct tap *tap); /* one that is not open is fine */
/* Whether one can be made the other by tap_change(). */
bool tap_spec_is_near(const struct tap_spec *a, const struct tap_spec *b);
bool tap_spec_equal(const struct tap_spec *a, const struct tap_spec *b);
/* A name that the kernel takes for an interface. */
bool tap_name_is_valid(const char *name);

#endif
