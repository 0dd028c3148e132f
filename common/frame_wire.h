/* frame_wire.h: what both sides of a frame socket share. Internal to frame*.c. */
#ifndef COMMON_FRAME_WIRE_H
#define COMMON_FRAME_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>
#include <sys/un.h>
#include "common/err.h"

#define FRAME_HEAD 4 /* bytes of the length */

/* The socket address of a path; ERR_INVALID if it is too long for one. */
int frame_address(const char *path, struct sockaddr_un *addr, struct err *err);
/* A frame with its length; malloc'd, null without memory. */
char *frame_encode(const json_t *json, size_t *size);
/* Has a whole frame arrived? *len: bytes of its JSON. True also as soon as the length is
 * beyond FRAME_MAX. */
bool frame_complete(const char *data, size_t size, size_t *len);

#endif
