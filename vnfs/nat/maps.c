/* maps.c: mappings, in chains by their inside and by their outside ends; see maps.h. */
#include "vnfs/nat/maps.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/nat/lazy.h"

static int allocate(struct maps *maps, const struct config *config, uint32_t n_sessions,
	uint64_t seed, struct err *err);
static int add_statics(struct maps *maps, const struct config *config);
static map_ref insert(struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port,
	int address, uint16_t outside_port);
static void erase(struct maps *maps, map_ref ref);
static uint16_t take_port(struct maps *maps, const struct maps_env *env, uint32_t ip,
	int address, struct pool_want *want, enum maps_result *result);
static bool adopt_port(
	struct maps *maps, uint32_t ip, int address, uint8_t proto, uint16_t port);
static void give_back(struct maps *maps, const struct maps_env *env,
	const struct mapping *m, bool closed);

/* ---- life ---- */

int
maps_create(struct maps **out, const struct config *config, uint32_t n_sessions,
	uint64_t seed, struct err *err)
{
	struct maps *maps = calloc(1, sizeof(*maps));
	int rc;

	if (maps == NULL)
		return err_set(err, ERR_NO_RESOURCE, "pool", NULL, "out of memory");
	rc = allocate(maps, config, n_sessions, seed, err);
	if (rc == 0 && add_statics(maps, config) < 0)
		rc = err_set(
			err, ERR_NO_RESOURCE, "static", NULL, "no room for the mappings");
	if (rc == 0)
		*out = maps;
	else
		maps_destroy(maps);
	return rc;
}

static bool
filters_by_address(const struct config *config)
{
	return config_filtering(config, PKT_PROTO_UDP) == CONFIG_FILTER_ADDRESS ||
	       config_filtering(config, PKT_PROTO_TCP) == CONFIG_FILTER_ADDRESS;
}

static int
allocate(struct maps *maps, const struct config *config, uint32_t n_sessions,
	uint64_t seed, struct err *err)
{
	uint32_t chains = 64;

	/* one more than sessions: that of a session which is then refused */
	maps->capacity = n_sessions + config_static_ports(config) + 1;
	while (chains < maps->capacity - 1)
		chains *= 2;
	maps->mask = chains - 1;
	maps->free = MAP_NONE;
	maps->secret[0] = seed * 0x9e3779b97f4a7c15ull | 1;
	maps->secret[1] = (seed ^ 0x94d049bb133111ebull) * 0xbf58476d1ce4e5b9ull | 1;
	maps->list = lazy_alloc(maps->capacity * sizeof(*maps->list));
	maps->in_chains = lazy_alloc_now(chains * sizeof(*maps->in_chains));
	maps->out_chains = lazy_alloc_now(chains * sizeof(*maps->out_chains));
	maps->pool = pool_create(config);
	if (filters_by_address(config))
		maps->peers = peers_create(n_sessions, seed);
	if (maps->list == NULL || maps->in_chains == NULL || maps->out_chains == NULL ||
		maps->pool == NULL || (filters_by_address(config) && maps->peers == NULL))
		return err_set(err, ERR_NO_RESOURCE, "max-sessions", NULL,
			"no memory for %u sessions", n_sessions);
	return config_has_hosts(config)
		       ? hosts_create(&maps->hosts, n_sessions, seed, err)
		       : 0;
}

void
maps_destroy(struct maps *maps)
{
	if (maps == NULL)
		return;
	lazy_free(maps->list, maps->capacity * sizeof(*maps->list));
	lazy_free(maps->in_chains, (maps->mask + 1ull) * sizeof(*maps->in_chains));
	lazy_free(maps->out_chains, (maps->mask + 1ull) * sizeof(*maps->out_chains));
	pool_destroy(maps->pool);
	peers_destroy(maps->peers);
	hosts_destroy(maps->hosts);
	free(maps);
}

static int
add_static(struct maps *maps, const struct config_static *s)
{
	const uint32_t outside = htonl(net_addr_v4(&s->outside.addr));
	const uint32_t inside = htonl(net_addr_v4(&s->inside.addr));
	const int address = pool_find(maps->pool, outside);
	const uint8_t proto = (uint8_t)s->proto;

	for (uint32_t i = 0;
		i <= (uint32_t)(s->outside.ports.last - s->outside.ports.first); i++) {
		const uint16_t port = (uint16_t)(s->outside.ports.first + i);

		if (!pool_mark(maps->pool, address, proto, port))
			return -EEXIST;
		const map_ref ref = insert(maps, proto, inside,
			(uint16_t)(s->inside.ports.first + i), address, port);

		if (ref == MAP_NONE)
			return -ENOSPC;
		maps->list[ref].is_static = true;
	}
	return 0;
}

static int
add_statics(struct maps *maps, const struct config *config)
{
	int rc = 0;

	for (unsigned i = 0; i < config->n_statics && rc == 0; i++)
		if (config->statics[i].outside.ports.first > 0)
			rc = add_static(maps, &config->statics[i]);
	return rc;
}

/* ---- lookup ---- */

static inline uint32_t
chain_of(const struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port)
{
	const uint64_t key = ((uint64_t)ip << 32 | (uint64_t)port << 8 | proto);
	const unsigned __int128 product =
		(unsigned __int128)(key ^ maps->secret[0]) * (maps->secret[1] + key);

	return (uint32_t)((uint64_t)product ^ (uint64_t)(product >> 64)) & maps->mask;
}

/* Chains hold numbers + 1, so that zeroed memory is empty chains. */
map_ref
maps_by_inside(const struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port)
{
	map_ref ref = maps->in_chains[chain_of(maps, proto, ip, port)] - 1;

	for (; ref != MAP_NONE; ref = maps->list[ref].next_in) {
		const struct mapping *m = &maps->list[ref];

		if (m->in_ip == ip && m->in_port == port && m->proto == proto)
			break;
	}
	return ref;
}

map_ref
maps_by_outside(const struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port)
{
	map_ref ref = maps->out_chains[chain_of(maps, proto, ip, port)] - 1;

	for (; ref != MAP_NONE; ref = maps->list[ref].next_out) {
		const struct mapping *m = &maps->list[ref];

		if (m->out_ip == ip && m->out_port == port && m->proto == proto)
			break;
	}
	return ref;
}

static struct pool_want
want_of(const struct config *config, uint8_t proto, uint16_t port, uint32_t random)
{
	return (struct pool_want){.proto = proto,
		.source_port = port,
		.random = random,
		.parity = config->port_parity && proto != PKT_PROTO_ICMP};
}

/* Three passes, so that what they wait for comes at the same time. */
void
maps_expect(const struct maps *maps, const struct config *config,
	const struct session_key4 *keys, unsigned n, struct maps_guess *guesses)
{
	const uint32_t *chains[MAPS_EXPECT];
	struct pool_want wants[MAPS_EXPECT];
	map_ref ref = maps->free, fresh = maps->used;

	for (unsigned i = 0; i < n; i++) {
		const struct session_key4 *key = &keys[i];

		chains[i] = &maps->in_chains[chain_of(
			maps, key->proto, key->src, key->sport)];
		__builtin_prefetch(chains[i], 1);
		wants[i] = want_of(config, key->proto, key->sport, guesses[i].random);
		pool_expect(maps->pool, pool_pair(maps->pool, key->src), &wants[i]);
	}
	for (unsigned i = 0; i < n; i++) {
		guesses[i].ref = ref != MAP_NONE ? ref : fresh++;
		__builtin_prefetch(&maps->list[guesses[i].ref], 1);
		if (*chains[i] != 0)
			__builtin_prefetch(&maps->list[*chains[i] - 1]);
		ref = ref != MAP_NONE ? maps->list[ref].next_in : MAP_NONE;
	}
	for (unsigned i = 0; i < n; i++) {
		const int address = pool_pair(maps->pool, keys[i].src);

		guesses[i].ip = address < 0 ? 0 : pool_ip(maps->pool, address);
		guesses[i].port = pool_guess(maps->pool, address, &wants[i]);
		__builtin_prefetch(&maps->out_chains[chain_of(maps, keys[i].proto,
					   guesses[i].ip, guesses[i].port)],
			1);
	}
}

/* ---- made and ended ---- */

static void
tell(const struct maps_env *env, const struct mapping *m, bool ended)
{
	if (!env->config->log.mappings || env->config->port_blocks.size > 0)
		return;
	journal_add(env->journal, &(struct journal_event){.at_ns = env->now_ns,
					  .what = JOURNAL_MAPPING,
					  .ended = ended,
					  .proto = m->proto,
					  .inside_ip = m->in_ip,
					  .inside_port = m->in_port,
					  .outside_ip = m->out_ip,
					  .outside_port = m->out_port});
}

map_ref
maps_add(struct maps *maps, const struct maps_env *env, uint8_t proto, uint32_t ip,
	uint16_t port, enum maps_result *result)
{
	const int address = pool_pair(maps->pool, ip);
	struct pool_want want = want_of(env->config, proto, port, env->random);
	map_ref ref;

	*result = MAPS_NO_PORT;
	if (address < 0)
		return MAP_NONE;
	const uint16_t outside_port = take_port(maps, env, ip, address, &want, result);

	if (outside_port == 0)
		return MAP_NONE;
	ref = insert(maps, proto, ip, port, address, outside_port);
	if (ref == MAP_NONE) { /* there is one more than sessions, so it cannot be */
		pool_free(maps->pool, address, proto, outside_port, 0);
		return MAP_NONE;
	}
	tell(env, maps_of(maps, ref), false);
	*result = MAPS_OK;
	return ref;
}

map_ref
maps_adopt(struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port,
	uint32_t outside_ip, uint16_t outside_port)
{
	const int address = pool_find(maps->pool, outside_ip);
	const map_ref ref = maps_by_inside(maps, proto, ip, port);

	if (ref != MAP_NONE) {
		const struct mapping *m = maps_of(maps, ref);

		return m->out_ip == outside_ip && m->out_port == outside_port ? ref
									      : MAP_NONE;
	}
	if (address < 0 || pool_is_dedicated(maps->pool, address) ||
		!pool_covers(maps->pool, outside_port) ||
		!adopt_port(maps, ip, address, proto, outside_port))
		return MAP_NONE;
	return insert(maps, proto, ip, port, address, outside_port);
}

void
maps_get(struct maps *maps, map_ref ref)
{
	maps_of(maps, ref)->n_sessions++;
}

void
maps_put(struct maps *maps, const struct maps_env *env, map_ref ref, bool closed)
{
	struct mapping *m = maps_of(maps, ref);

	if (--m->n_sessions > 0 || m->is_static)
		return;
	tell(env, m, true);
	give_back(maps, env, m, closed);
	erase(maps, ref);
}

uint32_t
maps_total(const struct maps *maps)
{
	return __atomic_load_n(&maps->count, __ATOMIC_RELAXED);
}

static map_ref
insert(struct maps *maps, uint8_t proto, uint32_t ip, uint16_t port, int address,
	uint16_t outside_port)
{
	const uint32_t out_ip = pool_ip(maps->pool, address);
	uint32_t *in = &maps->in_chains[chain_of(maps, proto, ip, port)];
	uint32_t *out = &maps->out_chains[chain_of(maps, proto, out_ip, outside_port)];
	map_ref ref = maps->free;

	if (ref != MAP_NONE)
		maps->free = maps->list[ref].next_in;
	else if (maps->used < maps->capacity)
		ref = maps->used++;
	else
		return MAP_NONE;
	maps->list[ref] = (struct mapping){.in_ip = ip,
		.in_port = port,
		.proto = proto,
		.out_ip = out_ip,
		.out_port = outside_port,
		.address = (uint16_t)address,
		.next_in = *in - 1,
		.next_out = *out - 1};
	*in = *out = ref + 1;
	__atomic_store_n(&maps->count, maps->count + 1, __ATOMIC_RELAXED);
	return ref;
}

static void
unlink_in(struct maps *maps, map_ref ref)
{
	const struct mapping *m = maps_of(maps, ref);
	uint32_t *first =
		&maps->in_chains[chain_of(maps, m->proto, m->in_ip, m->in_port)];
	map_ref at = *first - 1;

	if (at == ref) {
		*first = m->next_in + 1;
		return;
	}
	while (maps->list[at].next_in != ref)
		at = maps->list[at].next_in;
	maps->list[at].next_in = m->next_in;
}

static void
unlink_out(struct maps *maps, map_ref ref)
{
	const struct mapping *m = maps_of(maps, ref);
	uint32_t *first =
		&maps->out_chains[chain_of(maps, m->proto, m->out_ip, m->out_port)];
	map_ref at = *first - 1;

	if (at == ref) {
		*first = m->next_out + 1;
		return;
	}
	while (maps->list[at].next_out != ref)
		at = maps->list[at].next_out;
	maps->list[at].next_out = m->next_out;
}

static void
erase(struct maps *maps, map_ref ref)
{
	unlink_in(maps, ref);
	unlink_out(maps, ref);
	maps_of(maps, ref)->next_in = maps->free;
	maps->free = ref;
	__atomic_store_n(&maps->count, maps->count - 1, __ATOMIC_RELAXED);
}

/* ---- ports of a host: limits and blocks ---- */

static void
tell_block(const struct maps *maps, const struct maps_env *env, uint32_t ip, int address,
	uint16_t first, bool ended)
{
	if (!env->config->log.mappings)
		return;
	journal_add(env->journal,
		&(struct journal_event){.at_ns = env->now_ns,
			.what = JOURNAL_BLOCK,
			.ended = ended,
			.inside_ip = ip,
			.outside_ip = pool_ip(maps->pool, address),
			.outside_port = first,
			.last_port =
				(uint16_t)(first + env->config->port_blocks.size - 1)});
}

static uint16_t
take_in(struct maps *maps, const struct maps_env *env, int address,
	struct host_block *block, struct pool_want *want)
{
	const uint32_t last = block->first + env->config->port_blocks.size - 1;

	want->within = (struct net_ports){block->first, (uint16_t)last};
	const uint16_t port = pool_take(maps->pool, address, want);

	if (port != 0)
		block->n_used++;
	return port;
}

/* From the blocks that the host has, else from one more. */
static uint16_t
take_of_blocks(struct maps *maps, const struct maps_env *env, struct host *host,
	int address, struct pool_want *want, enum maps_result *result)
{
	uint16_t port = 0;

	for (unsigned i = 0; i < host->n_blocks && port == 0; i++)
		port = take_in(maps, env, address, &host->blocks[i], want);
	if (port != 0)
		return port;
	*result = MAPS_HOST_PORTS;
	if (host->n_blocks >= env->config->port_blocks.max_per_host)
		return 0;
	*result = MAPS_NO_PORT;
	const uint16_t first = pool_take_block(maps->pool, address, want->random);

	if (first == 0)
		return 0;
	struct host_block *block = hosts_add_block(host, first);

	port = take_in(maps, env, address, block, want);
	if (port != 0) {
		tell_block(maps, env, host->key.src, address, first, false);
		return port;
	}
	pool_free_block(maps->pool, address, first, 0); /* static mappings have it all */
	hosts_drop_block(host, block);
	return 0;
}

static uint16_t
take_port(struct maps *maps, const struct maps_env *env, uint32_t ip, int address,
	struct pool_want *want, enum maps_result *result)
{
	const uint32_t limit = env->config->max_ports_per_host;
	uint16_t port;

	if (maps->hosts == NULL)
		return pool_take(maps->pool, address, want);
	struct host *host = hosts_get(maps->hosts, ip);

	if (host == NULL)
		return 0;
	*result = MAPS_HOST_PORTS;
	if (limit > 0 && host->n_ports >= limit)
		return 0;
	*result = MAPS_NO_PORT;
	if (env->config->port_blocks.size > 0)
		port = take_of_blocks(maps, env, host, address, want, result);
	else
		port = pool_take(maps->pool, address, want);
	if (port != 0)
		host->n_ports++;
	else
		hosts_put(maps->hosts, host);
	return port;
}

/* The host's block that holds the port, taken if nobody has it. False: another host has
 * it. *block is null where there are no blocks. */
static bool
adopt_block(struct maps *maps, struct host *host, int address, uint16_t port,
	struct host_block **block)
{
	const uint16_t first = pool_block_of(maps->pool, port);

	*block = NULL;
	if (first == 0)
		return true;
	*block = hosts_block(host, first);
	if (*block == NULL && host->n_blocks < CONFIG_MAX_BLOCKS &&
		pool_mark_block(maps->pool, address, port) != 0)
		*block = hosts_add_block(host, first);
	return *block != NULL;
}

/* A port that a session had before these maps. */
static bool
adopt_port(struct maps *maps, uint32_t ip, int address, uint8_t proto, uint16_t port)
{
	struct host_block *block;

	if (!pool_mark(maps->pool, address, proto, port))
		return false;
	if (maps->hosts == NULL)
		return true;
	struct host *host = hosts_get(maps->hosts, ip);

	if (host == NULL || !adopt_block(maps, host, address, port, &block)) {
		pool_free(maps->pool, address, proto, port, 0);
		return false;
	}
	if (block != NULL)
		block->n_used++;
	host->n_ports++;
	return true;
}

static void
give_back(struct maps *maps, const struct maps_env *env, const struct mapping *m,
	bool closed)
{
	const uint64_t time = env->config->port_rest.time;
	const uint64_t until = time == 0 ? 0 : env->now_ns + time;
	struct host *host =
		maps->hosts == NULL ? NULL : hosts_find(maps->hosts, m->in_ip);
	struct host_block *block = NULL;

	if (host != NULL)
		block = hosts_block(host, pool_block_of(maps->pool, m->out_port));
	/* in a block it is the same host's again: the block rests in its place */
	pool_free(maps->pool, m->address, m->proto, m->out_port,
		closed || block != NULL ? 0 : until);
	if (block != NULL && --block->n_used == 0) {
		tell_block(maps, env, m->in_ip, m->address, block->first, true);
		pool_free_block(maps->pool, m->address, block->first, until);
		hosts_drop_block(host, block);
	}
	if (host != NULL) {
		host->n_ports--;
		hosts_put(maps->hosts, host);
	}
}
