/* table.c: the sessions of a NAT; see table.h. */
#include "vnfs/nat/table.h"
#include <string.h>
#include <rte_branch_prediction.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/nat/tcp.h"

#define DUE_BATCH   64
#define SHARE_TRIES 16 /* ports looked at for one to share */

_Static_assert(
	sizeof(struct table_session) == 64, "one cache line, and the instance state");

static const struct session_spec spec = {.record_size = sizeof(struct table_session),
	.key_size = sizeof(struct session_key4),
	.n_keys = 2,
	.version = 1};

static void adopt_all(struct table *table, uint8_t guests);
static bool adopt(struct table *table, struct table_session *s);
static void end(struct table *table, session_ref ref, uint64_t now_ns);
static bool admit(
	struct table *table, uint32_t ip, uint64_t now_ns, enum table_result *result);
static void forget_idle(struct table *table, uint32_t ip);
static session_ref add_mapped(struct table *table, const struct session_key4 *key,
	uint64_t now_ns, enum table_result *result);
static session_ref add_alone(struct table *table, const struct session_key4 *key,
	uint64_t now_ns, enum table_result *result);
static session_ref add(struct table *table, const struct table_session *draft,
	uint64_t now_ns, enum table_result *result);
static bool has_host(const struct table *table, const struct table_session *guest);
static void promote(struct table *table, struct table_session *s);
static uint64_t timeout_of(const struct config *config, uint8_t proto, uint8_t tcp);
static bool passes_filter(const struct table *table, map_ref map, uint32_t peer);
static bool counts_peers(const struct table *table, uint8_t proto);

/* ---- life ---- */

size_t
table_region_size(uint32_t n_sessions)
{
	return session_region_size(&spec, n_sessions);
}

int
table_open(struct table *table, void *mem, size_t size, uint64_t seed,
	struct journal *journal, struct err *err)
{
	*table = (struct table){.journal = journal};
	dice_init(&table->dice, seed);
	return session_prepare(&table->sessions, &spec, mem, size, seed, err);
}

void
table_adopt(struct table *table, uint64_t now_ns)
{
	session_adopt(table->sessions, now_ns);
}

void
table_close(struct table *table)
{
	session_close(table->sessions);
	table->sessions = NULL;
}

uint32_t
table_capacity(const struct table *table)
{
	return table->sessions->capacity;
}

void
table_use(struct table *table, const struct config *config, struct maps *maps,
	const struct direct *direct)
{
	const bool anew = table->maps != maps;

	table->config = config;
	table->maps = maps;
	table->direct = direct;
	session_set_limit(table->sessions, config->max_sessions);
	if (!anew)
		return;
	adopt_all(table, 0);
	adopt_all(table, TABLE_GUEST); /* theirs is there by now, or gone */
}

static void
adopt_all(struct table *table, uint8_t guests)
{
	session_ref next = session_next(table->sessions, SESSION_NONE);

	while (next != SESSION_NONE) {
		const session_ref ref = next;
		struct table_session *s = table_of(table, ref);

		next = session_next(table->sessions, ref);
		if ((s->flags & TABLE_GUEST) == guests && !adopt(table, s))
			session_delete(table->sessions, ref);
	}
}

/* ---- sessions ---- */

session_ref
table_find(struct table *table, const struct session_key4 *key, session_ref ref,
	uint64_t now_ns)
{
	/* what was found at the start of the burst may have ended, or come, within it */
	if (likely(ref != SESSION_NONE)) {
		const struct table_session *s = table_of(table, ref);
		const struct session_key4 *own =
			session_side(ref) == 0 ? &s->in : &s->out;

		if (!(s->session.generation & 1) || memcmp(own, key, sizeof(*key)) != 0)
			ref = SESSION_NONE;
	}
	if (unlikely(ref == SESSION_NONE))
		ref = session_find(table->sessions, key);
	if (ref == SESSION_NONE)
		return ref;
	const struct table_session *s = table_of(table, ref);

	if (likely(s->session.expires_ns > now_ns &&
		    (!(s->flags & TABLE_GUEST) || has_host(table, s))))
		return ref;
	end(table, ref, now_ns);
	return SESSION_NONE;
}

void
table_expect(const struct table *table, const struct session_key4 *keys, unsigned n)
{
	struct maps_guess guesses[MAPS_EXPECT];

	for (unsigned i = 0; i < n; i++)
		guesses[i].random = dice_later(&table->dice, i);
	maps_expect(table->maps, table->config, keys, n, guesses);
	for (unsigned i = 0; i < n; i++) {
		const struct session_key4 *key = &keys[i];
		const struct session_key4 out = {.src = key->dst,
			.dst = guesses[i].ip,
			.sport = key->dport,
			.dport = guesses[i].port,
			.proto = key->proto,
			.kind = KEY_IN};

		session_expect(table->sessions, &out);
		if (counts_peers(table, key->proto))
			peers_expect(table->maps->peers, guesses[i].ref, key->dst);
	}
}

session_ref
table_add_out(struct table *table, const struct session_key4 *key,
	const struct pkt_info *info, uint64_t now_ns, enum table_result *result)
{
	session_ref ref = SESSION_NONE;

	*result = TABLE_NO_MAPPING;
	if (info->tcp_flags & PKT_TCP_RST)
		return SESSION_NONE;
	if (!admit(table, key->src, now_ns, result))
		return SESSION_NONE;
	if (key_has_ports(key->proto) || key->proto == PKT_PROTO_ICMP)
		ref = add_mapped(table, key, now_ns, result);
	if (ref == SESSION_NONE &&
		(!(key_has_ports(key->proto) || key->proto == PKT_PROTO_ICMP) ||
			(*result == TABLE_NO_PORT && table->config->port_overlapping)))
		ref = add_alone(table, key, now_ns, result);
	if (ref == SESSION_NONE)
		forget_idle(table, key->src);
	return ref;
}

session_ref
table_add_in(struct table *table, const struct session_key4 *key,
	const struct pkt_info *info, uint64_t now_ns, enum table_result *result)
{
	const map_ref map =
		maps_by_outside(table->maps, key->proto, key->dst, key->dport);

	*result = TABLE_NO_MAPPING;
	if (map == MAP_NONE || !key_has_ports(key->proto))
		return SESSION_NONE;
	if (key->proto == PKT_PROTO_TCP &&
		(info->tcp_flags & (PKT_TCP_SYN | PKT_TCP_ACK | PKT_TCP_RST)) !=
			PKT_TCP_SYN)
		return SESSION_NONE;
	const struct mapping *m = maps_of(table->maps, map);

	*result = TABLE_FILTERED;
	if (!passes_filter(table, map, key->src) ||
		!admit(table, m->in_ip, now_ns, result))
		return SESSION_NONE;
	const bool guest = !m->is_static &&
			   (key->proto == PKT_PROTO_TCP ||
				   table->config->refresh == CONFIG_REFRESH_OUTBOUND);
	const struct table_session draft = {.in = {.src = m->in_ip,
						    .dst = key->src,
						    .sport = m->in_port,
						    .dport = key->sport,
						    .proto = key->proto,
						    .kind = KEY_OUT},
		.out = *key,
		.mapping = map,
		.flags = guest ? TABLE_GUEST : 0};
	const session_ref ref = add(table, &draft, now_ns, result);

	if (ref != SESSION_NONE)
		return ref | 1;
	forget_idle(table, m->in_ip);
	return SESSION_NONE;
}

/* What the flow cache knows of either direction. */
static void
cut(const struct table *table, session_ref ref)
{
	vnf_cut(table->vnf, ref & ~1u);
	vnf_cut(table->vnf, ref | 1);
}

void
table_seen(struct table *table, session_ref ref, bool outbound, uint8_t tcp_flags,
	uint64_t now_ns)
{
	struct table_session *s = table_of(table, ref);

	if (s->in.proto == PKT_PROTO_TCP) {
		/* a reset in answer to a stranger keeps nothing alive */
		if (unlikely((tcp_flags & PKT_TCP_RST) && outbound &&
			     (s->flags & TABLE_GUEST)))
			return;
		if (unlikely(!tcp_is_steady(s->tcp, tcp_flags))) {
			cut(table, ref);
			s->tcp = tcp_next(s->tcp, outbound, tcp_flags);
		}
	} else if (!outbound && s->in.proto == PKT_PROTO_UDP &&
		   table->config->refresh == CONFIG_REFRESH_OUTBOUND) {
		return;
	}
	if (unlikely(outbound && (s->flags & TABLE_GUEST)))
		promote(table, s);
	table_prolong(table, ref, &s->session,
		timeout_of(table->config, s->in.proto, s->tcp), now_ns);
}

void
table_expire(struct table *table, uint64_t now_ns)
{
	session_ref refs[DUE_BATCH];
	const unsigned n = session_due(table->sessions, now_ns, refs, DUE_BATCH);

	for (unsigned i = 0; i < n; i++)
		end(table, refs[i], now_ns);
	pool_tick(table->maps->pool, now_ns);
}

/* ---- what a session counts for ---- */

static struct maps_env
env_of(struct table *table, uint64_t now_ns)
{
	return (struct maps_env){.config = table->config,
		.journal = table->journal,
		.now_ns = now_ns,
		.random = dice_next(&table->dice)};
}

static bool
counts_peers(const struct table *table, uint8_t proto)
{
	return config_filtering(table->config, proto) == CONFIG_FILTER_ADDRESS;
}

/* It keeps its mapping alive, and lets its peer in. */
static void
hold(struct table *table, const struct table_session *s)
{
	if (s->mapping == MAP_NONE)
		return;
	maps_get(table->maps, s->mapping);
	if (counts_peers(table, s->in.proto))
		peers_add(table->maps->peers, s->mapping, s->in.dst);
}

static void
release(struct table *table, const struct table_session *s, uint64_t now_ns)
{
	const struct maps_env env = env_of(table, now_ns);

	if (s->mapping == MAP_NONE || (s->flags & TABLE_GUEST))
		return;
	if (counts_peers(table, s->in.proto))
		peers_del(table->maps->peers, s->mapping, s->in.dst);
	maps_put(table->maps, &env, s->mapping,
		s->in.proto == PKT_PROTO_TCP && tcp_phase(s->tcp) == TCP_CLOSING);
}

static void
count_host(struct table *table, uint32_t ip, int n)
{
	struct host *host =
		table->maps->hosts == NULL ? NULL : hosts_get(table->maps->hosts, ip);

	if (host == NULL)
		return;
	host->n_sessions += (uint32_t)n;
	hosts_put(table->maps->hosts, host);
}

static void
tell(struct table *table, const struct table_session *s, bool ended, uint64_t now_ns)
{
	const struct config_log *log = &table->config->log;

	if (!log->sessions && !(log->mappings && s->mapping == MAP_NONE))
		return;
	journal_add(table->journal,
		&(struct journal_event){.at_ns = now_ns,
			.what = log->sessions ? JOURNAL_SESSION : JOURNAL_MAPPING,
			.ended = ended,
			.proto = s->in.proto,
			.inside_ip = s->in.src,
			.inside_port = s->in.sport,
			.outside_ip = s->out.dst,
			.outside_port = s->out.dport,
			.peer_ip = s->in.dst,
			.peer_port = s->in.dport});
}

/* The inside host answers: the guest is a session like others from now on. */
static void
promote(struct table *table, struct table_session *s)
{
	s->flags &= (uint8_t)~TABLE_GUEST;
	hold(table, s);
}

/* Whether the mapping that a guest came by still is. */
static bool
has_host(const struct table *table, const struct table_session *guest)
{
	const map_ref map = maps_by_outside(
		table->maps, guest->out.proto, guest->out.dst, guest->out.dport);

	if (map == MAP_NONE || map != guest->mapping)
		return false;
	const struct mapping *m = maps_of(table->maps, map);

	return m->in_ip == guest->in.src && m->in_port == guest->in.sport;
}

/* ---- made and ended ---- */

/* Whether the limits of an inside host allow one session more. */
static bool
admit(struct table *table, uint32_t ip, uint64_t now_ns, enum table_result *result)
{
	const uint32_t limit = table->config->max_sessions_per_host;
	const uint32_t rate = table->config->max_new_sessions_per_host;

	if (limit == 0 && rate == 0)
		return true;
	struct host *host = hosts_get(table->maps->hosts, ip);

	*result = TABLE_FULL;
	if (host == NULL)
		return false;
	*result = TABLE_QUOTA;
	if (limit > 0 && host->n_sessions >= limit)
		return false;
	*result = TABLE_HOST_RATE;
	return rate == 0 || hosts_may_open(host, rate, now_ns);
}

static void
forget_idle(struct table *table, uint32_t ip)
{
	struct host *host =
		table->maps->hosts == NULL ? NULL : hosts_find(table->maps->hosts, ip);

	if (host != NULL)
		hosts_put(table->maps->hosts, host);
}

/* By the mapping of its inside end, which is made if it is the first. */
static session_ref
add_mapped(struct table *table, const struct session_key4 *key, uint64_t now_ns,
	enum table_result *result)
{
	const struct maps_env env = env_of(table, now_ns);
	enum maps_result made;
	map_ref map = maps_by_inside(table->maps, key->proto, key->src, key->sport);

	if (map == MAP_NONE)
		map = maps_add(
			table->maps, &env, key->proto, key->src, key->sport, &made);
	if (map == MAP_NONE) {
		*result = made == MAPS_HOST_PORTS ? TABLE_HOST_PORTS : TABLE_NO_PORT;
		return SESSION_NONE;
	}
	const struct mapping *m = maps_of(table->maps, map);
	const struct table_session draft = {.in = *key,
		.out = {.src = key->dst,
			.dst = m->out_ip,
			.sport = key->dport,
			.dport = m->out_port,
			.proto = key->proto,
			.kind = KEY_IN},
		.mapping = map};

	maps_get(table->maps, map); /* so that it goes if no session comes of it */
	const session_ref ref = add(table, &draft, now_ns, result);

	maps_put(table->maps, &env, map, true);
	return ref;
}

/* Without a mapping: the outside address, and a port, that have no session with this peer
 * yet. */
static session_ref
add_alone(struct table *table, const struct session_key4 *key, uint64_t now_ns,
	enum table_result *result)
{
	const int address = pool_pair(table->maps->pool, key->src);
	const bool ports = key_has_ports(key->proto) || key->proto == PKT_PROTO_ICMP;
	struct table_session draft = {.in = *key,
		.mapping = MAP_NONE,
		.flags = TABLE_ON_ITS_OWN,
		.out = {.src = key->dst,
			.sport = key->dport,
			.proto = key->proto,
			.kind = KEY_IN}};

	*result = TABLE_NO_PORT;
	if (address < 0)
		return SESSION_NONE;
	draft.out.dst = pool_ip(table->maps->pool, address);
	for (unsigned i = 0; i < (ports ? SHARE_TRIES : 1); i++) {
		const struct pool_want want = {.proto = key->proto,
			.source_port = key->sport,
			.random = dice_next(&table->dice)};

		if (ports)
			draft.out.dport = pool_any(table->maps->pool, &want);
		if (table_find(table, &draft.out, SESSION_NONE, now_ns) == SESSION_NONE)
			return add(table, &draft, now_ns, result);
	}
	return SESSION_NONE;
}

/* Makes the record. SESSION_NONE: *result says why. */
static session_ref
place(struct table *table, const struct table_session *draft, uint64_t now_ns,
	enum table_result *result)
{
	const session_ref ref = session_new(table->sessions);

	*result = TABLE_FULL;
	if (ref == SESSION_NONE)
		return SESSION_NONE;
	struct table_session *s = table_of(table, ref);

	s->in = draft->in;
	s->out = draft->out;
	s->mapping = draft->mapping;
	s->flags = draft->flags;
	s->created_ns = now_ns;
	*result = TABLE_NO_PORT; /* shared with a session to the same peer */
	return session_commit(table->sessions, ref,
		       now_ns + timeout_of(table->config, s->in.proto, 0)) < 0
		       ? SESSION_NONE
		       : ref;
}

static session_ref
add(struct table *table, const struct table_session *draft, uint64_t now_ns,
	enum table_result *result)
{
	session_ref ref = place(table, draft, now_ns, result);

	/* who has its outside end may have had its time */
	if (unlikely(ref == SESSION_NONE && *result == TABLE_NO_PORT) &&
		table_find(table, &draft->out, SESSION_NONE, now_ns) == SESSION_NONE)
		ref = place(table, draft, now_ns, result);
	if (ref == SESSION_NONE)
		return SESSION_NONE;
	const struct table_session *s = table_of(table, ref);

	if (!(s->flags & TABLE_GUEST))
		hold(table, s);
	count_host(table, s->in.src, 1);
	tell(table, s, false, now_ns);
	*result = TABLE_OK;
	return ref;
}

static void
end(struct table *table, session_ref ref, uint64_t now_ns)
{
	const struct table_session *s = table_of(table, ref);

	cut(table, ref);
	tell(table, s, true, now_ns);
	count_host(table, s->in.src, -1);
	release(table, s, now_ns);
	session_delete(table->sessions, ref);
	table->n_ended++;
}

/* A session that lived before these maps. False: it cannot go on. */
static bool
adopt(struct table *table, struct table_session *s)
{
	const struct pool *pool = table->maps->pool;
	const int address = pool_find(pool, s->out.dst);

	if (address < 0 || pool_is_dedicated(pool, address) ||
		direct_out(table->direct, s->in.src) != 0)
		return false;
	s->mapping = MAP_NONE;
	if (s->flags & TABLE_ON_ITS_OWN) {
		if (s->out.dport != 0 && !pool_covers(pool, s->out.dport))
			return false;
	} else if (s->flags & TABLE_GUEST) {
		s->mapping = maps_by_outside(
			table->maps, s->out.proto, s->out.dst, s->out.dport);
		if (!has_host(table, s))
			return false;
	} else {
		s->mapping = maps_adopt(table->maps, s->in.proto, s->in.src, s->in.sport,
			s->out.dst, s->out.dport);
		if (s->mapping == MAP_NONE)
			return false;
		hold(table, s);
	}
	count_host(table, s->in.src, 1);
	return true;
}

/* ---- policy ---- */

static uint64_t
tcp_timeout(const struct config_timeouts *timeouts, uint8_t tcp)
{
	uint64_t time = 0;

	switch (tcp_phase(tcp)) {
	case TCP_OPEN:
		return timeouts->tcp_established;
	case TCP_OPENING:
		time = timeouts->tcp_opening;
		break;
	case TCP_CLOSING:
		time = timeouts->tcp_closing;
		break;
	}
	return time != 0 ? time : timeouts->tcp_transitory;
}

static uint64_t
timeout_of(const struct config *config, uint8_t proto, uint8_t tcp)
{
	switch (proto) {
	case PKT_PROTO_TCP:
		return tcp_timeout(&config->timeouts, tcp);
	case PKT_PROTO_UDP:
		return config->timeouts.udp;
	case PKT_PROTO_ICMP:
		return config->timeouts.icmp;
	default:
		return config->timeouts.other;
	}
}

/* RFC 4787 section 5. A static mapping is open to all. */
static bool
passes_filter(const struct table *table, map_ref map, uint32_t peer)
{
	const struct mapping *m = maps_of(table->maps, map);
	const int filtering = config_filtering(table->config, m->proto);

	if (m->is_static || filtering == CONFIG_FILTER_NONE)
		return true;
	return filtering == CONFIG_FILTER_ADDRESS &&
	       peers_has(table->maps->peers, map, peer);
}
