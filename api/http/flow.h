/* flow.h: the server, and its callbacks in the I/O thread of libmicrohttpd. */
#ifndef API_HTTP_FLOW_H
#define API_HTTP_FLOW_H

#include <pthread.h>
#include <stdatomic.h>
#include "api/http/conn.h"
#include "api/http/versions.h"

struct http_server {
	struct http_config config; /* defaults filled in, tables joined */
	struct http_table *tables;
	struct versions *versions;
	struct MHD_Daemon *daemon;
	struct deadlines *deadlines;
	struct pool *pool;
	int fd;
	char address[256];
	char *key, *cert;
	uint64_t timeout_ms;
	atomic_size_t body_bytes; /* held by all requests */
	atomic_uint
		active; /* requests between their first line and the end of the reply */
	pthread_mutex_t handing;		  /* of what follows */
	bool closing;				  /* nothing is handed over after that */
	unsigned wakes;				  /* of streams, counted */
	TAILQ_HEAD(http_conns, http_conn) parked; /* streams with nothing to send */
};

/* Has the streams asked again that had nothing to send. Any thread. */
void flow_wake(struct http_server *server);
/* Once a second while there are connections: ends the streams of clients that went away,
 * and has the others asked again now and then. */
void flow_round(void *server);

/* A connection came or went. */
void flow_on_connection(void *cls, struct MHD_Connection *mhd, void **context,
	enum MHD_ConnectionNotificationCode code);
/* The first line of a request is there: makes its http_conn. */
void *flow_on_target(void *cls, const char *target, struct MHD_Connection *mhd);
/* Called for the headers, each piece of the body, its end, and after each resume. */
enum MHD_Result flow_on_request(void *cls, struct MHD_Connection *mhd, const char *url,
	const char *method, const char *version, const char *data, size_t *size,
	void **context);
/* The request is over, one way or the other. */
void flow_on_completed(void *cls, struct MHD_Connection *mhd, void **context,
	enum MHD_RequestTerminationCode code);

#endif
