/* conns.c: connections to one server, kept for whoever calls next. */
#include "api/southbound/client/conns.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KEEP 8 /* idle connections */

struct conns {
	char *server;
	pthread_mutex_t lock;
	struct client *idle[KEEP];
	unsigned n;
};

int
conns_open(const char *server, struct conns **out, struct err *err)
{
	struct conns *conns = calloc(1, sizeof(*conns));
	if (!conns || !(conns->server = strdup(server))) {
		free(conns);
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	}
	pthread_mutex_init(&conns->lock, NULL);
	*out = conns;
	return 0;
}

void
conns_close(struct conns *conns)
{
	if (!conns)
		return;
	while (conns->n)
		client_close(conns->idle[--conns->n]);
	pthread_mutex_destroy(&conns->lock);
	free(conns->server);
	free(conns);
}

int
conns_take(struct conns *conns, struct client **client, struct err *err)
{
	pthread_mutex_lock(&conns->lock);
	*client = conns->n ? conns->idle[--conns->n] : NULL;
	pthread_mutex_unlock(&conns->lock);
	if (*client)
		return 0;
	const struct client_config config = {.server = conns->server};
	return client_open(&config, client, err);
}

void
conns_give(struct conns *conns, struct client *client, bool broken)
{
	pthread_mutex_lock(&conns->lock);
	const bool keep = !broken && conns->n < KEEP;
	if (keep)
		conns->idle[conns->n++] = client;
	pthread_mutex_unlock(&conns->lock);
	if (!keep)
		client_close(client);
}
