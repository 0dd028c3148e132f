/* table.c: the sessions of a NAT; see table.h. */
#include "vnfs/nat/table.h"
#include <arpa/inet.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/nat/tcp.h"

#define DUE_BATCH 64

enum { KIND_OUT = 1, KIND_IN = 2 }; /* the direction of the packets that a key is of */

_Static_assert(
	sizeof(struct table_session) == 64, "one cache line, and the instance state");

static const struct session_spec spec = {.record_size = sizeof(struct table_session),
	.key_size = sizeof(struct session_key4),
	.n_keys = 2,
	.version = 1};

static bool adopt(struct table *table, session_ref ref);
static void end(struct table *table, session_ref ref);
static session_ref add(struct table *table, const struct mapping *mapping,
	session_ref map, const struct session_key4 *in, uint64_t now_ns,
	enum table_result *result);
static uint64_t timeout_of(const struct config *config, uint8_t proto, uint8_t tcp);
static bool passes_filter(const struct table *table, const struct mapping *mapping,
	const struct session_key4 *key);
static uint32_t next_random(struct table *table);

/* ---- life ---- */

size_t
table_region_size(uint32_t n_sessions)
{
	return session_region_size(&spec, n_sessions);
}

int
table_open(struct table *table, void *mem, size_t size, uint64_t seed, struct err *err)
{
	*table = (struct table){.random = seed | 1};
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
table_use(struct table *table, const struct config *config, struct maps *maps)
{
	const bool anew = table->maps != maps;

	table->config = config;
	table->maps = maps;
	session_set_limit(table->sessions, config->max_sessions);
	if (!anew)
		return;
	session_ref next = session_next(table->sessions, SESSION_NONE);

	while (next != SESSION_NONE) {
		const session_ref ref = next;

		next = session_next(table->sessions, ref);
		if (!adopt(table, ref))
			session_delete(table->sessions, ref);
	}
}

/* ---- keys ---- */

static bool
is_query(uint8_t type)
{
	return type == 8 || type == 13 || type == 15 || type == 17;
}

static bool
is_reply(uint8_t type)
{
	return type == 0 || type == 14 || type == 16 || type == 18;
}

static bool
make_key(const struct pkt_info *info, int kind, struct session_key4 *key)
{
	*key = (struct session_key4){.sport = info->sport,
		.dport = info->dport,
		.proto = info->proto,
		.kind = (uint8_t)kind};
	memcpy(&key->src, info->src, 4);
	memcpy(&key->dst, info->dst, 4);
	return info->family == 4 && info->first;
}

bool
table_key_out(const struct pkt_info *info, struct session_key4 *key)
{
	if (!make_key(info, KIND_OUT, key))
		return false;
	if (info->proto != PKT_PROTO_ICMP)
		return info->proto == PKT_PROTO_TCP || info->proto == PKT_PROTO_UDP;
	key->dport = 0;
	return is_query(info->icmp_type);
}

bool
table_key_in(const struct pkt_info *info, struct session_key4 *key)
{
	if (!make_key(info, KIND_IN, key))
		return false;
	if (info->proto != PKT_PROTO_ICMP)
		return info->proto == PKT_PROTO_TCP || info->proto == PKT_PROTO_UDP;
	key->sport = 0;
	return is_reply(info->icmp_type);
}

/* ---- sessions ---- */

struct table_session *
table_of(const struct table *table, session_ref ref)
{
	return session_record(table->sessions, ref);
}

session_ref
table_find(struct table *table, const struct session_key4 *key, session_ref ref,
	uint64_t now_ns)
{
	/* what was found at the start of the burst may have ended, or come, within it */
	if (ref != SESSION_NONE) {
		const struct table_session *s = table_of(table, ref);
		const struct session_key4 *own =
			session_side(ref) == 0 ? &s->in : &s->out;

		if (!(s->session.generation & 1) || memcmp(own, key, sizeof(*key)) != 0)
			ref = SESSION_NONE;
	}
	if (ref == SESSION_NONE)
		ref = session_find(table->sessions, key);
	if (ref == SESSION_NONE || table_of(table, ref)->session.expires_ns > now_ns)
		return ref;
	end(table, ref);
	return SESSION_NONE;
}

session_ref
table_add_out(struct table *table, const struct session_key4 *key,
	const struct pkt_info *info, uint64_t now_ns, enum table_result *result)
{
	*result = TABLE_NO_MAPPING;
	if (info->tcp_flags & PKT_TCP_RST)
		return SESSION_NONE;
	session_ref map = maps_by_inside(table->maps, key->proto, key->src, key->sport);

	*result = TABLE_NO_PORT;
	if (map == SESSION_NONE)
		map = maps_add(table->maps, key->proto, key->src, key->sport,
			next_random(table));
	if (map == SESSION_NONE)
		return SESSION_NONE;
	maps_get(table->maps,
		map); /* holds it, so that it goes if no session comes of it */
	const session_ref ref =
		add(table, maps_of(table->maps, map), map, key, now_ns, result);

	maps_put(table->maps, map);
	return ref;
}

session_ref
table_add_in(struct table *table, const struct session_key4 *key,
	const struct pkt_info *info, uint64_t now_ns, enum table_result *result)
{
	const session_ref map =
		maps_by_outside(table->maps, key->proto, key->dst, key->dport);

	*result = TABLE_NO_MAPPING;
	if (map == SESSION_NONE || key->proto == PKT_PROTO_ICMP)
		return SESSION_NONE;
	if (key->proto == PKT_PROTO_TCP &&
		(info->tcp_flags & (PKT_TCP_SYN | PKT_TCP_ACK | PKT_TCP_RST)) !=
			PKT_TCP_SYN)
		return SESSION_NONE;
	const struct mapping *mapping = maps_of(table->maps, map);

	*result = TABLE_FILTERED;
	if (!passes_filter(table, mapping, key))
		return SESSION_NONE;
	const struct session_key4 in = {.src = mapping->in.src,
		.dst = key->src,
		.sport = mapping->in.sport,
		.dport = key->sport,
		.proto = key->proto,
		.kind = KIND_OUT};
	const session_ref ref = add(table, mapping, map, &in, now_ns, result);

	return ref == SESSION_NONE ? ref : ref | 1;
}

void
table_seen(struct table *table, session_ref ref, bool outbound, uint8_t tcp_flags,
	uint64_t now_ns)
{
	struct table_session *s = table_of(table, ref);

	if (s->in.proto == PKT_PROTO_TCP) {
		const uint8_t next = tcp_next(s->tcp, outbound, tcp_flags);

		if (next != s->tcp)
			s->tcp = next;
	}
	session_expire_at(table->sessions, ref,
		now_ns + timeout_of(table->config, s->in.proto, s->tcp));
}

void
table_expire(struct table *table, uint64_t now_ns)
{
	session_ref refs[DUE_BATCH];
	const unsigned n = session_due(table->sessions, now_ns, refs, DUE_BATCH);

	for (unsigned i = 0; i < n; i++)
		end(table, refs[i]);
}

/* RFC 4787 section 5. A static mapping is open to all. */
static bool
passes_filter(const struct table *table, const struct mapping *mapping,
	const struct session_key4 *key)
{
	if (mapping->is_static || table->config->filtering == CONFIG_FILTER_NONE)
		return true;
	if (table->config->filtering == CONFIG_FILTER_ADDRESS_PORT)
		return false;
	const struct session_key4 peer =
		maps_peer_key(key->proto, mapping->in.src, mapping->in.sport, key->src);

	return maps_counted(table->maps, &peer) > 0;
}

static void
count_one(struct table *table, const struct session_key4 *key, bool more)
{
	if (more)
		maps_count(table->maps, key);
	else
		maps_uncount(table->maps, key);
}

/* Counts a session with its mapping, its host and its peer; or the opposite. */
static void
count(struct table *table, const struct table_session *s, bool more)
{
	const struct session_key4 peer =
		maps_peer_key(s->in.proto, s->in.src, s->in.sport, s->in.dst);
	const struct session_key4 host = maps_host_key(s->in.src);

	if (table->config->filtering == CONFIG_FILTER_ADDRESS)
		count_one(table, &peer, more);
	if (table->config->max_sessions_per_host > 0)
		count_one(table, &host, more);
	if (more)
		maps_get(table->maps, s->mapping);
	else
		maps_put(table->maps, s->mapping);
}

static session_ref
add(struct table *table, const struct mapping *mapping, session_ref map,
	const struct session_key4 *in, uint64_t now_ns, enum table_result *result)
{
	const uint32_t quota = table->config->max_sessions_per_host;
	const struct session_key4 host = maps_host_key(in->src);

	*result = TABLE_QUOTA;
	if (quota > 0 && maps_counted(table->maps, &host) >= quota)
		return SESSION_NONE;
	const session_ref ref = session_new(table->sessions);

	*result = TABLE_FULL;
	if (ref == SESSION_NONE)
		return SESSION_NONE;
	struct table_session *s = table_of(table, ref);

	s->in = *in;
	s->out = (struct session_key4){.src = in->dst,
		.dst = mapping->out.src,
		.sport = in->dport,
		.dport = mapping->out.sport,
		.proto = in->proto,
		.kind = KIND_IN};
	s->mapping = map;
	s->created_ns = now_ns;
	if (session_commit(table->sessions, ref,
		    now_ns + timeout_of(table->config, in->proto, 0)) < 0)
		return SESSION_NONE;
	count(table, s, true);
	*result = TABLE_OK;
	return ref;
}

static bool
adopt(struct table *table, session_ref ref)
{
	struct table_session *s = table_of(table, ref);

	s->mapping = maps_adopt(table->maps, s->in.proto, s->in.src, s->in.sport,
		s->out.dst, s->out.dport);
	if (s->mapping == SESSION_NONE)
		return false;
	count(table, s, true);
	return true;
}

static void
end(struct table *table, session_ref ref)
{
	count(table, table_of(table, ref), false);
	session_delete(table->sessions, ref);
}

static uint64_t
timeout_of(const struct config *config, uint8_t proto, uint8_t tcp)
{
	if (proto == PKT_PROTO_UDP)
		return config->timeouts.udp;
	if (proto == PKT_PROTO_ICMP)
		return config->timeouts.icmp;
	return tcp_is_established(tcp) ? config->timeouts.tcp_established
				       : config->timeouts.tcp_transitory;
}

/* xorshift64*: hard to guess from outside is enough (RFC 6056). */
static uint32_t
next_random(struct table *table)
{
	uint64_t x = table->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	table->random = x;
	return (uint32_t)(x * 0x2545f4914f6cdd1dull >> 32);
}

/* ---- looking inside ---- */

static json_t *
endpoint_to_json(uint32_t ip, uint16_t port)
{
	const struct net_endpoint endpoint = {net_addr_from_v4(ntohl(ip)), port};
	char text[NET_STRLEN];

	return json_string(net_endpoint_print(&endpoint, text));
}

static json_t *
session_to_json(const struct table_session *s, uint64_t now_ns)
{
	const uint8_t proto = s->in.proto;
	const uint64_t end_ns = s->session.expires_ns;
	json_t *o = json_pack("{s:s, s:o, s:o, s:o, s:I, s:I}", "proto",
		proto == PKT_PROTO_TCP	 ? "tcp"
		: proto == PKT_PROTO_UDP ? "udp"
					 : "icmp",
		"inside", endpoint_to_json(s->in.src, s->in.sport), "outside",
		endpoint_to_json(s->out.dst, s->out.dport), "peer",
		endpoint_to_json(s->in.dst, s->in.dport), "expiresIn",
		(json_int_t)(end_ns > now_ns ? (end_ns - now_ns) / 1000000000ull : 0),
		"age", (json_int_t)((now_ns - s->created_ns) / 1000000000ull));

	if (proto == PKT_PROTO_TCP)
		json_object_set_new(
			o, "established", json_boolean(tcp_is_established(s->tcp)));
	return o;
}

json_t *
table_to_json(const struct table *table, uint32_t from, uint32_t limit, uint64_t now_ns)
{
	json_t *list = json_array(), *answer = json_pack("{s:o}", "sessions", list);
	struct table_session s;

	for (uint32_t i = from; i < table->sessions->capacity; i++) {
		if (json_array_size(list) == limit) {
			json_object_set_new(answer, "next", json_integer(i));
			break;
		}
		if (session_read(table->sessions, i, &s))
			json_array_append_new(list, session_to_json(&s, now_ns));
	}
	return answer;
}
