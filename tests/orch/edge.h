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

#endif
