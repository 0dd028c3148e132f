/* flow.c: see flow.h. */
#include "vnfs/firewall/flow.h"

#include <string.h>
#include "dataplane/pkt/hdr.h"

struct flow_addresses
flow_addresses(const struct flow *flow)
{
	const struct session_key6 *key = &flow->key;
	struct flow_addresses addresses = {
		.src.family = key->kind,
		.dst.family = key->kind,
		.sport = flow->swapped ? key->dport : key->sport,
		.dport = flow->swapped ? key->sport : key->dport,
	};

	memcpy(addresses.src.bytes, flow->swapped ? key->dst : key->src,
		sizeof(key->src));
	memcpy(addresses.dst.bytes, flow->swapped ? key->src : key->dst,
		sizeof(key->dst));
	return addresses;
}

const char *
flow_state_name(const struct flow *flow)
{
	if (flow->key.proto == PKT_PROTO_TCP)
		return tcp_state_name(flow->state);
	return flow->state == FLOW_REPLIED ? "replied" : "new";
}
