/* explain.c: a walk along the list, with reasons; see explain.h. */
#include "vnfs/firewall/explain.h"

#include <arpa/inet.h>
#include <string.h>
#include "vnfs/firewall/packet_text.h"
#include "vnfs/firewall/shadow.h"

#define EARLIER_MAX 100	      /* in one answer */
#define PAIRS_MAX   200000000 /* of rules held against each other: some seconds */

static json_t *walk(const struct vnf *vnf, const struct match_key *key);
static bool has_session(const struct vnf *vnf, const struct match_key *key);

static const char *const actions[] = {
	[FW_ACCEPT] = "accept",
	[FW_DROP] = "drop",
	[FW_REJECT] = "reject",
	[FW_CONTINUE] = "continue",
};

json_t *
explain_packet(const struct vnf *vnf, const json_t *args, struct err *err)
{
	const char *text = json_string_value(json_object_get(args, "packet"));
	struct packet_text packet;
	json_t *verdicts;

	if (text == NULL) {
		err_set(err, ERR_INVALID, "packet", "tcp 10.0.0.5:1234 > 192.0.2.1:80",
			"which packet?");
		return NULL;
	}
	if (packet_text_parse(text, &packet, err) != 0)
		return NULL;
	verdicts = json_array();
	for (unsigned cp = 0; cp < FW_CPS; cp++) {
		if (packet.has_from && packet.key.cp != cp)
			continue;
		struct match_key key = packet.key;

		key.cp = cp;
		json_array_append_new(verdicts, walk(vnf, &key));
	}
	return json_pack("{s:o}", "verdicts", verdicts);
}

static json_t *
walk(const struct vnf *vnf, const struct match_key *key)
{
	const struct firewall *fw = vnf->self;
	const struct ruleset *set = fw->policy->rules;
	const struct fw_config *config = fw->policy->config;
	json_t *earlier = json_array(), *continued = json_array();
	const char *because;
	unsigned i = 0;

	for (; i < config->n_rules; i++) {
		const bool matches = match_rule(&config->rules[i], key, &because);

		if (matches && config->rules[i].action != FW_CONTINUE)
			break;
		if (matches)
			json_array_append_new(continued, json_string(set->rules[i].name));
		else if (json_array_size(earlier) < EARLIER_MAX)
			json_array_append_new(
				earlier, json_pack("{s:s, s:s}", "rule",
						 set->rules[i].name, "because", because));
	}
	return json_pack("{s:s, s:s, s:s, s:i, s:b, s:o, s:o}", "from",
		key->cp == FW_LEFT ? "left" : "right", "verdict",
		actions[set->rules[i].action], "rule", set->rules[i].name, "index",
		(int)i, "session", config->stateful && has_session(vnf, key), "continued",
		continued, "earlier", earlier);
}

static bool
is_end(const uint8_t *a, uint16_t a_port, const uint8_t *b, uint16_t b_port)
{
	return a_port == b_port && memcmp(a, b, 16) == 0;
}

/* Whether a flow with its addresses and ports is known, in either direction, so that the
 * rules are not asked. */
static bool
has_session(const struct vnf *vnf, const struct match_key *key)
{
	const struct firewall *fw = vnf->self;
	const uint16_t sport = ntohs(key->sport), dport = ntohs(key->dport);
	struct flow flow;

	for (uint32_t i = 0; i < fw->sessions->capacity; i++) {
		const struct session_key6 *k = &flow.key;

		if (!session_read(fw->sessions, i, &flow) || k->proto != key->proto ||
			k->kind != key->family)
			continue;
		if ((is_end(k->src, k->sport, key->src, sport) &&
			    is_end(k->dst, k->dport, key->dst, dport)) ||
			(is_end(k->src, k->sport, key->dst, dport) &&
				is_end(k->dst, k->dport, key->src, sport)))
			return true;
	}
	return false;
}

json_t *
explain_shadowed(const struct vnf *vnf, const json_t *args, struct err *err)
{
	static const char *const kinds[] = {
		[SHADOW_NEVER] = "shadowed", [SHADOW_REDUNDANT] = "redundant"};
	const struct firewall *fw = vnf->self;
	const struct ruleset *set = fw->policy->rules;
	const struct fw_config *config = fw->policy->config;
	json_t *list = json_array();
	unsigned i = 0;

	(void)args;
	(void)err;
	for (; i < config->n_rules && (uint64_t)i * config->n_rules < PAIRS_MAX; i++) {
		const struct shadow shadow = shadow_of(config, i);

		if (shadow.kind != SHADOW_NONE)
			json_array_append_new(
				list, json_pack("{s:s, s:i, s:s, s:s}", "rule",
					      set->rules[i].name, "index", (int)i, "kind",
					      kinds[shadow.kind], "by",
					      set->rules[shadow.by].name));
	}
	return json_pack("{s:o, s:i, s:i}", "rules", list, "looked", (int)i, "of",
		(int)config->n_rules);
}
