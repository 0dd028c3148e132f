/* trie.c: from rules to the entries of a trie; see trie.h. */
#include "vnfs/firewall/trie.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <rte_acl.h>
#include <rte_memory.h>
#include "dataplane/pkt/hdr.h"

#define META_SHIFT_CP	 24 /* of that field, as a number */
#define META_SHIFT_FLAGS 16
#define FIELDS4		 6
#define FIELDS6		 12

RTE_ACL_RULE_DEF(entry, FIELDS6);

#define FIELD(n, group, t, s, at)                                                        \
	{                                                                                \
		.type = RTE_ACL_FIELD_TYPE_##t, .size = s, .field_index = n,             \
		.input_index = group, .offset = at                                       \
	}

static const struct rte_acl_field_def fields4[FIELDS4] = {
	FIELD(0, 0, BITMASK, 1, offsetof(struct trie_key, proto)),
	FIELD(1, 1, MASK, 4, offsetof(struct trie_key, src)),
	FIELD(2, 2, MASK, 4, offsetof(struct trie_key, dst)),
	FIELD(3, 3, RANGE, 2, offsetof(struct trie_key, sport)),
	FIELD(4, 3, RANGE, 2, offsetof(struct trie_key, dport)),
	FIELD(5, 4, BITMASK, 4, offsetof(struct trie_key, cp)),
};

static const struct rte_acl_field_def fields6[FIELDS6] = {
	FIELD(0, 0, BITMASK, 1, offsetof(struct trie_key, proto)),
	FIELD(1, 1, MASK, 4, offsetof(struct trie_key, src)),
	FIELD(2, 2, MASK, 4, offsetof(struct trie_key, src) + 4),
	FIELD(3, 3, MASK, 4, offsetof(struct trie_key, src) + 8),
	FIELD(4, 4, MASK, 4, offsetof(struct trie_key, src) + 12),
	FIELD(5, 5, MASK, 4, offsetof(struct trie_key, dst)),
	FIELD(6, 6, MASK, 4, offsetof(struct trie_key, dst) + 4),
	FIELD(7, 7, MASK, 4, offsetof(struct trie_key, dst) + 8),
	FIELD(8, 8, MASK, 4, offsetof(struct trie_key, dst) + 12),
	FIELD(9, 9, RANGE, 2, offsetof(struct trie_key, sport)),
	FIELD(10, 9, RANGE, 2, offsetof(struct trie_key, dport)),
	FIELD(11, 10, BITMASK, 4, offsetof(struct trie_key, cp)),
};

static const struct family { /* the two tries differ in this alone */
	uint8_t family;
	unsigned n_fields, addr_fields; /* per address */
	const struct rte_acl_field_def *fields;
} families[2] = {
	{4, FIELDS4, 1, fields4},
	{6, FIELDS6, 4, fields6},
};

struct builder {
	struct rte_acl_ctx *acl;
	const struct family *family;
	struct entry entry; /* being filled in */
	int rc;		    /* of the first entry that was refused */
};

static struct rte_acl_ctx *create_acl(const struct family *family, unsigned n_entries);
static int build_acl(const struct builder *b);
static void add_rule(
	struct builder *b, const struct fw_rule *rule, unsigned index, unsigned n_rules);

void
trie_key(struct trie_key *key, const struct pkt_info *packet, unsigned cp)
{
	bool icmp = packet->proto == PKT_PROTO_ICMP || packet->proto == PKT_PROTO_ICMPV6;

	key->proto = packet->proto;
	memcpy(key->src, packet->src, sizeof(key->src));
	memcpy(key->dst, packet->dst, sizeof(key->dst));
	key->sport = htons(icmp ? packet->icmp_type : packet->sport);
	key->dport = htons(icmp ? packet->icmp_code : packet->dport);
	key->cp = cp;
	key->tcp_flags = packet->tcp_flags;
}

int
trie_compile(struct rte_acl_ctx **trie, const struct fw_config *config, uint8_t family,
	struct err *err)
{
	struct builder b = {.family = &families[family == 6]};
	uint64_t n = 0;

	*trie = NULL;
	for (unsigned i = 0; i < config->n_rules; i++)
		n += fw_rule_entries(&config->rules[i], family);
	if (n == 0)
		return 0;
	b.acl = create_acl(b.family, n);
	if (b.acl == NULL)
		return err_set(err, ERR_NO_RESOURCE, "rules", NULL,
			"no memory for the %ju combinations of the IPv%u rules",
			(uintmax_t)n, family);
	for (unsigned i = 0; i < config->n_rules; i++)
		add_rule(&b, &config->rules[i], i, config->n_rules);
	if (b.rc == 0)
		b.rc = build_acl(&b);
	if (b.rc < 0) {
		rte_acl_free(b.acl);
		return err_set(err, ERR_NO_RESOURCE, "rules",
			"use fewer rules or wildcards",
			"the IPv%u rules cannot be compiled: %s", family,
			strerror(-b.rc));
	}
	*trie = b.acl;
	return 0;
}

static int
build_acl(const struct builder *b)
{
	struct rte_acl_config config = {
		.num_categories = 1, .num_fields = b->family->n_fields};

	memcpy(config.defs, b->family->fields,
		b->family->n_fields * sizeof(config.defs[0]));
	return rte_acl_build(b->acl, &config);
}

static struct rte_acl_ctx *
create_acl(const struct family *family, unsigned n_entries)
{
	static unsigned serial; /* two of one name would be one */
	char name[RTE_ACL_NAMESIZE];
	struct rte_acl_param param = {.name = name,
		.socket_id = SOCKET_ID_ANY,
		.rule_size = RTE_ACL_RULE_SZ(family->n_fields),
		.max_rule_num = n_entries};

	snprintf(name, sizeof(name), "firewall-%u",
		__atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED));
	return rte_acl_create(&param);
}

static void add_src(struct builder *b, const struct fw_rule *rule);
static void add_dst(struct builder *b, const struct fw_rule *rule);
static void add_protos(struct builder *b, const struct fw_rule *rule);
static void add_ports(
	struct builder *b, const struct fw_rule *rule, uint8_t proto, uint8_t proto_mask);
static void put_address(
	struct builder *b, unsigned field, const struct net_prefix *prefix);
static void put_meta(struct builder *b, const struct fw_rule *rule);

static void
add_rule(struct builder *b, const struct fw_rule *rule, unsigned index, unsigned n_rules)
{
	if (!fw_rule_has_family(rule, b->family->family))
		return;
	b->entry.data = (struct rte_acl_rule_data){.category_mask = 1,
		.priority = (int32_t)(n_rules - index),
		.userdata = index + 1};
	put_meta(b, rule);
	add_src(b, rule);
}

/* Every combination, one list inside the other. */
static void
add_src(struct builder *b, const struct fw_rule *rule)
{
	if (rule->n_src == 0) {
		put_address(b, 1, NULL);
		add_dst(b, rule);
	}
	for (unsigned i = 0; i < rule->n_src; i++) {
		if (rule->src[i].addr.family != b->family->family)
			continue;
		put_address(b, 1, &rule->src[i]);
		add_dst(b, rule);
	}
}

static void
add_dst(struct builder *b, const struct fw_rule *rule)
{
	if (rule->n_dst == 0) {
		put_address(b, 1 + b->family->addr_fields, NULL);
		add_protos(b, rule);
	}
	for (unsigned i = 0; i < rule->n_dst; i++) {
		if (rule->dst[i].addr.family != b->family->family)
			continue;
		put_address(b, 1 + b->family->addr_fields, &rule->dst[i]);
		add_protos(b, rule);
	}
}

/* Ports without a protocol stand for all that have ports. */
static void
add_protos(struct builder *b, const struct fw_rule *rule)
{
	static const uint8_t with_ports[] = {
		PKT_PROTO_TCP, PKT_PROTO_UDP, PKT_PROTO_SCTP};

	if (rule->proto != FW_PROTO_ANY) {
		add_ports(b, rule, rule->proto, 0xff);
	} else if (rule->n_sport == 0 && rule->n_dport == 0) {
		add_ports(b, rule, 0, 0);
	} else {
		for (unsigned i = 0; i < sizeof(with_ports); i++)
			add_ports(b, rule, with_ports[i], 0xff);
	}
}

static void
put_range(struct builder *b, unsigned field, uint16_t first, uint16_t last)
{
	b->entry.field[field].value.u16 = first;
	b->entry.field[field].mask_range.u16 = last;
}

static void
add_ports(
	struct builder *b, const struct fw_rule *rule, uint8_t proto, uint8_t proto_mask)
{
	unsigned sport = 1 + 2 * b->family->addr_fields, dport = sport + 1;
	unsigned n_sport = rule->n_sport > 0 ? rule->n_sport : 1;
	unsigned n_dport = rule->n_dport > 0 ? rule->n_dport : 1;
	const bool is_icmp = proto == PKT_PROTO_ICMP || proto == PKT_PROTO_ICMPV6;
	const struct fw_icmp *icmp = &rule->icmp;

	b->entry.field[0].value.u8 = proto;
	b->entry.field[0].mask_range.u8 = proto_mask;
	for (unsigned i = 0; i < n_sport * n_dport; i++) {
		struct net_ports s = {0, UINT16_MAX}, d = {0, UINT16_MAX};

		if (rule->n_sport > 0)
			s = rule->sport[i / n_dport];
		if (rule->n_dport > 0)
			d = rule->dport[i % n_dport];
		if (is_icmp && icmp->has_type)
			s = (struct net_ports){icmp->type, icmp->type};
		if (is_icmp && icmp->has_code)
			d = (struct net_ports){icmp->code, icmp->code};
		put_range(b, sport, s.first, s.last);
		put_range(b, dport, d.first, d.last);
		if (b->rc == 0)
			b->rc = rte_acl_add_rules(
				b->acl, (struct rte_acl_rule *)&b->entry, 1);
	}
}

/* An address is 32-bit fields, the prefix length spread over them. */
static void
put_address(struct builder *b, unsigned field, const struct net_prefix *prefix)
{
	for (unsigned i = 0; i < b->family->addr_fields; i++) {
		uint32_t word = 0, len = 0;

		if (prefix != NULL) {
			const uint8_t *p = prefix->addr.bytes + 4 * i;

			word = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
			len = prefix->len > 32 * i ? prefix->len - 32 * i : 0;
			len = len > 32 ? 32 : len;
		}
		b->entry.field[field + i].value.u32 = word;
		b->entry.field[field + i].mask_range.u32 = len;
	}
}

static void
put_meta(struct builder *b, const struct fw_rule *rule)
{
	struct rte_acl_field *meta = &b->entry.field[b->family->n_fields - 1];
	uint8_t mask = fw_tcp_flags_byte(rule->tcp_flags.mask, rule->tcp_flags.n_mask);
	uint8_t set = fw_tcp_flags_byte(rule->tcp_flags.set, rule->tcp_flags.n_set);

	meta->value.u32 = (uint32_t)set << META_SHIFT_FLAGS;
	meta->mask_range.u32 = (uint32_t)mask << META_SHIFT_FLAGS;
	if (rule->has_from) {
		meta->value.u32 |= (uint32_t)rule->from << META_SHIFT_CP;
		meta->mask_range.u32 |= 0xffu << META_SHIFT_CP;
	}
}
