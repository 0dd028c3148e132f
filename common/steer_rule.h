/* steer_rule.h: which of a service's paths packets take: the member `steer` of a service
 * (docs/southbound.md, section 1). A list of rules, of which the first that matches
 * decides. Pure.
 */
#ifndef COMMON_STEER_RULE_H
#define COMMON_STEER_RULE_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include "common/err.h"
#include "common/field.h"
#include "common/net.h"

#define STEER_PATH_MAX	 255 /* paths are 1 to that; 0: a packet is on none */
#define STEER_RULES_MAX	 256
#define STEER_WEIGHT_MAX 1000

struct steer_match { /* all that is given must hold; of a list, one */
	struct net_prefix *src, *dst;
	unsigned n_src, n_dst;
	struct net_ports *sport, *dport;
	unsigned n_sport, n_dport;
	uint8_t proto;
	uint8_t dscp;
	uint16_t vlan; /* of the outer tag */
	uint16_t ethertype;
	struct net_mac src_mac, dst_mac;
	bool has_proto, has_dscp, has_vlan, has_ethertype, has_src_mac, has_dst_mac;
};

struct steer_to {
	uint8_t path;
	uint32_t weight;
};

struct steer_rule {
	struct steer_match match;
	bool symmetric; /* also what has source and destination exchanged */
	struct steer_to *to;
	unsigned n_to;
};

struct steer_rules {
	struct steer_rule *list;
	unsigned n;
};

extern const struct field steer_match_fields[];

/* Reads the list (null: none). Adds every fault, paths below path ("steer[2].match.src").
 * 0, or the negative errno of the first fault; then nothing is to be cleared. */
int steer_rules_parse(const json_t *json, const char *path, struct steer_rules *rules,
	struct faults *faults);
void steer_rules_clear(struct steer_rules *rules);

/* By rule of a list that was parsed: which of a former one (null: none) it goes on from,
 * so that what was on a path stays there; -1: none. That is one with the same match, else
 * one with the same paths that no other goes on from. To be freed; null: no memory. */
int *steer_rules_like(const json_t *json, const json_t *former);

/* Whether a rule looks at more than the frame's first header: only IP packets match. */
bool steer_match_is_ip(const struct steer_match *match);

/* Reads a link's member `paths` (null: none) into 256 bits. A fault for what is no list
 * of different paths. */
int steer_paths_parse(
	const json_t *json, const char *path, uint32_t paths[8], struct faults *faults);

static inline bool
steer_paths_have(const uint32_t paths[8], unsigned path)
{
	return (paths[path / 32] >> path % 32 & 1) != 0;
}

#endif
