/* maps.c: mappings and counters, each a session table in private memory; see maps.h. */
#include "vnfs/nat/maps.h"
#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { KIND_INSIDE = 3, KIND_OUTSIDE = 4 };

struct counter {
	struct session session;
	struct session_key4 key;
	uint64_t n;
};

static const struct session_spec mapping_spec = {.record_size = sizeof(struct mapping),
	.key_size = sizeof(struct session_key4),
	.n_keys = 2,
	.version = 1};
static const struct session_spec counter_spec = {.record_size = sizeof(struct counter),
	.key_size = sizeof(struct session_key4),
	.n_keys = 1,
	.version = 1};

struct store { /* a session table and its memory */
	struct session_table *table;
	void *mem;
	size_t size;
};

struct maps {
	struct pool *pool;
	struct store mappings, counters;
};

static int store_open(struct store *store, const struct session_spec *spec, uint32_t n,
	uint64_t seed, struct err *err);
static void store_close(struct store *store);
static int add_statics(struct maps *maps, const struct config *config);
static session_ref insert(struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port,
	uint32_t outside_ip, uint16_t outside_port);

static struct session_key4
key_of(int kind, uint8_t proto, uint32_t ip, uint16_t port)
{
	return (struct session_key4){
		.src = ip, .sport = port, .proto = proto, .kind = (uint8_t)kind};
}

int
maps_create(struct maps **out, const struct config *config, uint32_t n_sessions,
	uint64_t seed, struct err *err)
{
	struct maps *maps = calloc(1, sizeof(*maps));
	int rc = -ENOMEM;

	/* one mapping more than sessions: that of a session which is then refused */
	if (maps != NULL)
		maps->pool = pool_create(config);
	if (maps == NULL || maps->pool == NULL)
		err_set(err, ERR_NO_RESOURCE, "pool", NULL, "out of memory");
	else
		rc = store_open(&maps->mappings, &mapping_spec,
			n_sessions + config->n_statics + 1, seed, err);
	if (rc == 0)
		rc = store_open(
			&maps->counters, &counter_spec, n_sessions * 2, seed, err);
	if (rc == 0 && add_statics(maps, config) < 0)
		rc = err_set(
			err, ERR_NO_RESOURCE, "static", NULL, "no room for the mappings");
	if (rc == 0)
		*out = maps;
	else
		maps_destroy(maps);
	return rc;
}

void
maps_destroy(struct maps *maps)
{
	if (maps == NULL)
		return;
	store_close(&maps->mappings);
	store_close(&maps->counters);
	pool_destroy(maps->pool);
	free(maps);
}

struct pool *
maps_pool(const struct maps *maps)
{
	return maps->pool;
}

session_ref
maps_by_inside(const struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port)
{
	const struct session_key4 key = key_of(KIND_INSIDE, proto, ip, port);

	return session_find(maps->mappings.table, &key);
}

session_ref
maps_by_outside(const struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port)
{
	const struct session_key4 key = key_of(KIND_OUTSIDE, proto, ip, port);

	return session_find(maps->mappings.table, &key);
}

struct mapping *
maps_of(const struct maps *maps, session_ref ref)
{
	return session_record(maps->mappings.table, ref);
}

session_ref
maps_add(struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port, uint32_t random)
{
	const uint32_t outside_ip = pool_address(maps->pool, ip);
	const uint16_t outside_port =
		pool_take(maps->pool, outside_ip, proto, port, random);

	if (outside_port == 0)
		return SESSION_NONE;
	const session_ref ref = insert(maps, proto, ip, port, outside_ip, outside_port);

	if (ref == SESSION_NONE)
		pool_free(maps->pool, outside_ip, proto, outside_port);
	return ref;
}

session_ref
maps_adopt(struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port,
	uint32_t outside_ip, uint16_t outside_port)
{
	session_ref ref = maps_by_inside(maps, proto, ip, port);

	if (ref != SESSION_NONE) {
		const struct mapping *m = maps_of(maps, ref);

		return m->out.src == outside_ip && m->out.sport == outside_port
			       ? ref
			       : SESSION_NONE;
	}
	if (!pool_covers(maps->pool, outside_ip, outside_port) ||
		!pool_mark(maps->pool, outside_ip, proto, outside_port))
		return SESSION_NONE;
	ref = insert(maps, proto, ip, port, outside_ip, outside_port);
	if (ref == SESSION_NONE)
		pool_free(maps->pool, outside_ip, proto, outside_port);
	return ref;
}

void
maps_get(struct maps *maps, session_ref ref)
{
	maps_of(maps, ref)->n_sessions++;
}

void
maps_put(struct maps *maps, session_ref ref)
{
	struct mapping *m = maps_of(maps, ref);

	if (--m->n_sessions > 0 || m->is_static)
		return;
	pool_free(maps->pool, m->out.src, m->out.proto, m->out.sport);
	session_delete(maps->mappings.table, ref);
}

/* ---- counters ---- */

struct session_key4
maps_peer_key(uint8_t proto, uint32_t ip, uint16_t port, uint32_t peer)
{
	struct session_key4 key = key_of(MAPS_PEER, proto, ip, port);

	key.dst = peer;
	return key;
}

struct session_key4
maps_host_key(uint32_t ip)
{
	return key_of(MAPS_HOST, 0, ip, 0);
}

uint32_t
maps_counted(const struct maps *maps, const struct session_key4 *key)
{
	const session_ref ref = session_find(maps->counters.table, key);
	const struct counter *counter;

	if (ref == SESSION_NONE)
		return 0;
	counter = session_record(maps->counters.table, ref);
	return (uint32_t)counter->n;
}

void
maps_count(struct maps *maps, const struct session_key4 *key)
{
	struct session_table *table = maps->counters.table;
	session_ref ref = session_find(table, key);

	if (ref == SESSION_NONE) {
		ref = session_new(table);
		assert(ref != SESSION_NONE); /* each session counts with two keys */
		((struct counter *)session_record(table, ref))->key = *key;
		session_commit(table, ref, UINT64_MAX);
	}
	((struct counter *)session_record(table, ref))->n++;
}

void
maps_uncount(struct maps *maps, const struct session_key4 *key)
{
	const session_ref ref = session_find(maps->counters.table, key);

	if (ref == SESSION_NONE)
		return;
	struct counter *counter = session_record(maps->counters.table, ref);

	if (--counter->n == 0)
		session_delete(maps->counters.table, ref);
}

uint32_t
maps_total(const struct maps *maps)
{
	return session_count(maps->mappings.table);
}

/* ---- inside ---- */

/* Pages come when they are used: a table for many sessions costs little while there are
 * few. */
static int
store_open(struct store *store, const struct session_spec *spec, uint32_t n,
	uint64_t seed, struct err *err)
{
	store->size = session_region_size(spec, n);
	void *mem = mmap(NULL, store->size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (mem == MAP_FAILED)
		return err_set(err, ERR_NO_RESOURCE, "max-sessions", NULL,
			"no memory for %u sessions", n);
	store->mem = mem;
	return session_open(&store->table, spec, mem, store->size, seed, 0, err);
}

static void
store_close(struct store *store)
{
	session_close(store->table);
	if (store->mem != NULL)
		munmap(store->mem, store->size);
}

static session_ref
insert(struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port, uint32_t outside_ip,
	uint16_t outside_port)
{
	struct session_table *table = maps->mappings.table;
	const session_ref ref = session_new(table);

	if (ref == SESSION_NONE)
		return SESSION_NONE;
	struct mapping *m = maps_of(maps, ref);

	m->in = key_of(KIND_INSIDE, proto, ip, port);
	m->out = key_of(KIND_OUTSIDE, proto, outside_ip, outside_port);
	m->n_sessions = m->is_static = 0;
	return session_commit(table, ref, UINT64_MAX) == 0 ? ref : SESSION_NONE;
}

static int
add_statics(struct maps *maps, const struct config *config)
{
	for (unsigned i = 0; i < config->n_statics; i++) {
		const struct config_static *s = &config->statics[i];
		const uint32_t outside = htonl(net_addr_v4(&s->outside.addr));
		const uint8_t proto = (uint8_t)s->proto;

		if (!pool_mark(maps->pool, outside, proto, s->outside.port))
			return -EEXIST;
		const session_ref ref =
			insert(maps, proto, htonl(net_addr_v4(&s->inside.addr)),
				s->inside.port, outside, s->outside.port);

		if (ref == SESSION_NONE)
			return -ENOSPC;
		maps_of(maps, ref)->is_static = 1;
	}
	return 0;
}
