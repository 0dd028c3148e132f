/* northbound.c: the REST API's server: tables, credentials, metrics. */
#include "api/northbound/northbound.h"

#include <stdlib.h>
#include <string.h>
#include "api/northbound/internal.h"
#include "orchestrator/event.h"
#include "orchestrator/token.h"

static const struct http_api_version apis[] = {
	{"nsd", "1.3.0"},
	{"vnfpkgm", "1.3.0"},
	{"nslcm", "1.3.0"},
	{"vnflcm", "1.3.0"},
	{"nsfm", "1.3.0"},
	{"vnffm", "1.3.0"},
	{"nfvici", "1.0.0"},
	{0},
};

static const struct http_route *const families[] = {nsd_routes, packages_routes,
	nslcm_routes, vnflcm_routes, ops_routes, chains_routes, renga_routes,
	events_routes, alarms_routes, projects_routes, subscriptions_routes,
	capacity_routes, stats_routes, ask_routes, system_routes};

#define N_FAMILIES (sizeof(families) / sizeof(families[0]))

static int authenticate(void *arg, const char *scheme, const char *user_in,
	const char *secret, char *user, size_t user_size, enum http_role *role,
	struct err *err);
static void observe(void *arg, const struct http_request *request, const char *route,
	unsigned status, double seconds);
static void wake_streams(void *arg);
static struct http_table *make_tables(struct northbound *northbound);

int
northbound_open(
	const struct northbound_config *config, struct northbound **out, struct err *err)
{
	struct northbound *northbound = calloc(1, sizeof(*northbound));
	struct http_table *tables = northbound ? make_tables(northbound) : NULL;
	if (!tables) {
		free(northbound);
		return err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	}
	northbound->orch = config->orch;
	northbound->stats = httpstats_create();
	northbound->config = (struct http_config){.listen = config->listen,
		.tls_cert = config->tls_cert,
		.tls_key = config->tls_key,
		.tables = tables,
		.apis = apis,
		.authenticate = authenticate,
		.auth_arg = northbound,
		.observe = observe,
		.observe_arg = northbound};
	int rc = northbound->stats
			 ? http_server_open(&northbound->config, &northbound->server, err)
			 : err_set(err, ERR_INTERNAL, NULL, NULL, "out of memory");
	if (rc) {
		northbound_close(northbound);
		return rc;
	}
	event_watch(northbound->orch, wake_streams, northbound);
	*out = northbound;
	return 0;
}

const char *
northbound_address(const struct northbound *northbound)
{
	return http_server_address(northbound->server);
}

void
northbound_close(struct northbound *northbound)
{
	if (!northbound)
		return;
	event_watch(northbound->orch, NULL, northbound);
	http_server_close(northbound->server);
	httpstats_destroy(northbound->stats);
	free((struct http_table *)northbound->config.tables);
	free(northbound);
}

static void
wake_streams(void *arg)
{
	const struct northbound *northbound = arg;
	http_server_wake(northbound->server);
}

static struct http_table *
make_tables(struct northbound *northbound)
{
	struct http_table *tables = calloc(N_FAMILIES + 1, sizeof(*tables));
	for (size_t i = 0; tables && i < N_FAMILIES; i++)
		tables[i] = (struct http_table){families[i], northbound};
	return tables;
}

static int
authenticate(void *arg, const char *scheme, const char *user_in, const char *secret,
	char *user, size_t user_size, enum http_role *role, struct err *err)
{
	static const char *const roles[] = {"viewer", "operator", "admin"};
	const struct northbound *northbound = arg;
	const bool basic = strcmp(scheme, "basic") == 0;
	char name[16];
	int rc = token_verify(northbound->orch, basic ? user_in : NULL, secret, user,
		user_size, name, sizeof(name), err);
	if (rc)
		return rc;
	*role = HTTP_ROLE_VIEWER;
	for (int i = HTTP_ROLE_VIEWER; i <= HTTP_ROLE_ADMIN; i++)
		if (strcmp(roles[i], name) == 0)
			*role = (enum http_role)i;
	return 0;
}

static void
observe(void *arg, const struct http_request *request, const char *route, unsigned status,
	double seconds)
{
	const struct northbound *northbound = arg;
	httpstats_count(
		northbound->stats, request->method, route ? route : "-", status, seconds);
}
