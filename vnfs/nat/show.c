/* show.c: sessions as JSON; see show.h. */
#include "vnfs/nat/show.h"
#include <arpa/inet.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/nat/tcp.h"

static json_t *
proto_to_json(uint8_t proto)
{
	switch (proto) {
	case PKT_PROTO_TCP:
		return json_string("tcp");
	case PKT_PROTO_UDP:
		return json_string("udp");
	case PKT_PROTO_ICMP:
		return json_string("icmp");
	default:
		return json_sprintf("%u", proto);
	}
}

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
	json_t *o = json_pack("{s:o, s:o, s:o, s:o, s:I, s:I}", "proto",
		proto_to_json(proto), "inside", endpoint_to_json(s->in.src, s->in.sport),
		"outside", endpoint_to_json(s->out.dst, s->out.dport), "peer",
		endpoint_to_json(s->in.dst, s->in.dport), "expiresIn",
		(json_int_t)(end_ns > now_ns ? (end_ns - now_ns) / 1000000000ull : 0),
		"age", (json_int_t)((now_ns - s->created_ns) / 1000000000ull));

	if (proto == PKT_PROTO_TCP)
		json_object_set_new(
			o, "established", json_boolean(tcp_phase(s->tcp) == TCP_OPEN));
	return o;
}

json_t *
show_sessions(const struct table *table, uint32_t from, uint32_t limit, uint64_t now_ns)
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
