/* edge.h: the chain that tests of operations play with, in some shapes. */
#ifndef TESTS_ORCH_EDGE_H
#define TESTS_ORCH_EDGE_H

#define EDGE                                                                             \
	"kind: Chain\nname: edge\n"                                                      \
	"ports:\n  lan: {driver: af_packet, interface: lan0}\n"                          \
	"  wan: {driver: af_packet, interface: wan0}\n"
#define TWO                                                                              \
	EDGE "path: [lan, {vnf: a, type: firewall}, {vnf: b, type: passthrough}, wan]\n"
#define THREE                                                                            \
	EDGE "path: [lan, {vnf: a, type: firewall}, {vnf: c, type: passthrough},"        \
	     " {vnf: b, type: passthrough}, wan]\n"
#define RETYPED                                                                          \
	EDGE "path: [lan, {vnf: a, type: passthrough}, {vnf: b, type: passthrough}, wan]\n"
/* Two paths, and what makes one of them another: links come before, and go after. */
#define PATHS                                                                            \
	EDGE "vnfs: [{vnf: a, type: firewall}, {vnf: b, type: passthrough}]\npaths:\n"   \
	     "- {name: web, match: {proto: udp, dport: 80}, path: [lan, a, wan]}\n"      \
	     "- {name: all, path: [lan, a, b, wan]}\n"
#define OTHER_PATHS                                                                      \
	"{\"updateType\": \"UPDATE_VNFFG\", \"updateVnffg\": [{\"vnffgInfoId\": "        \
	"\"paths\", \"nfpInfoId\": [\"web\"], \"nfp\": [{\"nfpName\": \"dns\", "         \
	"\"match\": {\"proto\": \"udp\", \"dport\": 53}, \"path\": [\"lan\", \"b\", \"wan\"]}]}]}"

#endif
