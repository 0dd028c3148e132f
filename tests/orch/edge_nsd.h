/* edge_nsd.h: the service that tests of operations play with, as descriptors in the ETSI
 * form: lan - a (firewall) - b (passthrough) - wan, and what it may become. */
#ifndef TESTS_ORCH_EDGE_NSD_H
#define TESTS_ORCH_EDGE_NSD_H

#define NSD_CP(link_, vnf_, cp_)                                                         \
	"      - {virtual-link-profile-id: p-" link_ ", constituent-cpd-id: "            \
	"[{constituent-base-element-id: " vnf_ ", constituent-cpd-id: " cp_ "}]}\n"
#define NSD_VNF(vnf_, type_, left_, right_, more_)                                       \
	"    - id: " vnf_ "\n      vnfd-id: renga-" type_ "\n" more_                     \
	"      virtual-link-connectivity:\n" NSD_CP(left_, vnf_, "left")                 \
		NSD_CP(right_, vnf_, "right")
#define NSD_LINK(link_) "    - {id: p-" link_ ", virtual-link-desc-id: " link_ "}\n"

/* l1 begins at lan, l9 ends at wan; between those what links_ says. */
#define NSD(...) NSD_AS("process", __VA_ARGS__)
#define NSD_AS(isolation_, id_, invariant_, lan_, vlds_, links_, profiles_)              \
	"nsd:\n- id: " id_ "\n  name: edge\n  invariant-id: " invariant_ "\n"            \
	"  renga:isolation: " isolation_ "\n  sapd:\n"                                   \
	"  - {id: lan, virtual-link-desc: l1, renga:port: {driver: af_packet, "          \
	"interface: " lan_ "}}\n"                                                        \
	"  - {id: wan, virtual-link-desc: l9, renga:port: {driver: af_packet, "          \
	"interface: wan0}}\n"                                                            \
	"  virtual-link-desc: [{id: l1}, {id: l9}, " vlds_ "]\n"                         \
	"  df:\n  - id: default\n    virtual-link-profile:\n" NSD_LINK("l1")             \
		NSD_LINK("l9") links_ "    vnf-profile:\n" profiles_

#define NSD_TWO_OF(id_, invariant_, lan_, config_)                                       \
	NSD(id_, invariant_, lan_, "{id: l2}", NSD_LINK("l2"),                           \
		NSD_VNF("a", "firewall", "l1", "l2",                                     \
			"      renga:config: " config_ "\n")                             \
			NSD_VNF("b", "passthrough", "l2", "l9", ""))
#define NSD_GROUP                                                                        \
	NSD_AS("group", "edge-3", "edge", "lan0", "{id: l2}", NSD_LINK("l2"),            \
		NSD_VNF("a", "firewall", "l1", "l2", "")                                 \
			NSD_VNF("b", "passthrough", "l2", "l9", ""))
/* Whose groups are chosen by what is measured, with all that a service can say. */
#define NSD_AUTO                                                                         \
	NSD_AS("auto\n  renga:cpu-share: 200\n  renga:buffers: 65536", "edge-5", "edge", \
		"lan0", "{id: l2}", NSD_LINK("l2"),                                      \
		NSD_VNF("a", "firewall", "l1", "l2", "      renga:cpu-share: 50\n")      \
			NSD_VNF("b", "firewall", "l2", "l9",                             \
				"      renga:replicas: 2\n      renga:cores: [1]\n"))
#define NSD_DEDICATED                                                                    \
	NSD("edge-4", "edge", "lan0", "{id: l2}", NSD_LINK("l2"),                        \
		NSD_VNF("a", "firewall", "l1", "l2", "      flavour-id: dedicated\n")    \
			NSD_VNF("b", "passthrough", "l2", "l9", ""))
#define NSD_TWO NSD_TWO_OF("edge-1", "edge", "lan0", "{default: drop}")
/* Another default and one VNF more. */
#define NSD_THREE NSD_THREE_OF("{default: accept}")
#define NSD_THREE_OF(config_)                                                            \
	NSD("edge-2", "edge", "lan0", "{id: l2}, {id: l3}",                              \
		NSD_LINK("l2") NSD_LINK("l3"),                                           \
		NSD_VNF("a", "firewall", "l1", "l2",                                     \
			"      renga:config: " config_ "\n") NSD_VNF("c", "passthrough", \
			"l2", "l3", "") NSD_VNF("b", "passthrough", "l3", "l9", ""))

#define ASSOC(nsd_, sync_)                                                               \
	"{\"updateType\": \"ASSOC_NEW_NSD_VERSION\", \"assocNewNsdVersionData\": "       \
	"{\"newNsdId\": \"" nsd_ "\", \"sync\": " sync_ "}}"

#define ADD_VNF(rest_)                                                                   \
	"{\"updateType\": \"INSTANTIATE_VNF\", \"instantiateVnfData\": [{\"vnfdId\": "   \
	"\"renga-passthrough\", " rest_ "}]}"
#define ADD_C                                                                            \
	ADD_VNF("\"vnfProfileId\": \"c\", \"additionalParams\": "                        \
		"{\"between\": [\"a\", \"b\"]}")
/* Of the VNF whose id comes for $. */
#define REMOVE_VNF "{\"updateType\": \"REMOVE_VNF\", \"removeVnfInstanceId\": [\"$\"]}"

#endif
