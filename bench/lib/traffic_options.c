/* traffic_options.c: see traffic_options.h. */
#include "bench/lib/traffic_options.h"
#include <stdlib.h>
#include <string.h>
#include "bench/lib/rig.h"
#include "dataplane/pkt/hdr.h"

void
traffic_options_init(struct traffic_spec *spec)
{
	*spec = (struct traffic_spec){.size = 64, .flows = 1, .proto = PKT_PROTO_UDP};
	net_addr_parse("10.0.0.10", &spec->src);
	net_addr_parse("198.51.100.10", &spec->dst);
	net_mac_parse("02:52:47:00:00:00", &spec->dst_mac);
}

void
traffic_options_take(struct traffic_spec *spec, int option, const char *value)
{
	bool good = false;

	if (option == 's') {
		spec->size = strcmp(value, "imix") == 0 ? 0 : (uint16_t)atoi(value);
		good = spec->size <= TRAFFIC_FRAME_MAX;
	} else if (option == 'f') {
		spec->flows = (uint32_t)strtoul(value, NULL, 10);
		good = spec->flows > 0;
	} else if (option == 'p') {
		spec->src_flows = (uint32_t)strtoul(value, NULL, 10);
		good = spec->src_flows > 0 && spec->src_flows <= TRAFFIC_PORTS;
	} else if (option == 'n') {
		spec->dst_nets = (uint32_t)strtoul(value, NULL, 10);
		good = true;
	} else if (option == 'a')
		good = net_addr_parse(value, &spec->src) == 0;
	else if (option == 'b')
		good = net_addr_parse(value, &spec->dst) == 0;
	else if (option == 'm')
		good = net_mac_parse(value, &spec->dst_mac) == 0;
	rig_need(good, "an option that is not known or has no such value: %s", value);
}
