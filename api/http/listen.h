/* listen.h: listening sockets by address text. */
#ifndef API_HTTP_LISTEN_H
#define API_HTTP_LISTEN_H

#include <stddef.h>
#include "common/err.h"

/* "127.0.0.1:9080", "[::1]:0", "localhost:80". A descriptor, or negative errno with err;
 * actual gets the address with its real port. ERR_EXISTS if it is taken. */
int listen_tcp(const char *address, char *actual, size_t size, struct err *err);
/* A Unix socket, mode 0600. One that nobody answers on is replaced. */
int listen_unix(const char *path, struct err *err);

#endif
