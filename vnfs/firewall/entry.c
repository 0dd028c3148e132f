/* entry.c: from rules to entries; see entry.h. */
#include "vnfs/firewall/entry.h"

#include <errno.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"
#include "vnfs/firewall/values.h"

/* ---- fields ------------------------------------------------------------------------ */

#define MAC_WORDS 3

#define BYTES(t, s, at)                                                                  \
	{                                                                                \
		.type = RTE_ACL_FIELD_TYPE_##t, .size = s,                               \
		.offset = offsetof(struct match_key, at)                                 \
	}
#define WORD(t, at, i)                                                                   \
	{                                                                                \
		.type = RTE_ACL_FIELD_TYPE_##t, .size = 4,                               \
		.offset = offsetof(struct match_key, at) + 4 * (i)                       \
	}

static const struct rte_acl_field_def all_fields[ENTRY_FIELDS] = {
	[ENTRY_PROTO] = BYTES(RANGE, 1, proto),
	[ENTRY_SRC] = WORD(MASK, src, 0),
	[ENTRY_SRC + 1] = WORD(MASK, src, 1),
	[ENTRY_SRC + 2] = WORD(MASK, src, 2),
	[ENTRY_SRC + 3] = WORD(MASK, src, 3),
	[ENTRY_DST] = WORD(MASK, dst, 0),
	[ENTRY_DST + 1] = WORD(MASK, dst, 1),
	[ENTRY_DST + 2] = WORD(MASK, dst, 2),
	[ENTRY_DST + 3] = WORD(MASK, dst, 3),
	[ENTRY_SPORT] = BYTES(RANGE, 2, sport),
	[ENTRY_DPORT] = BYTES(RANGE, 2, dport),
	[ENTRY_CP] = BYTES(BITMASK, 1, cp),
	[ENTRY_TCP_FLAGS] = BYTES(BITMASK, 1, tcp_flags),
	[ENTRY_DSCP] = BYTES(RANGE, 1, dscp),
	[ENTRY_BITS] = BYTES(BITMASK, 1, bits),
	[ENTRY_VLAN] = BYTES(RANGE, 2, vlan),
	[ENTRY_LENGTH] = BYTES(RANGE, 2, length),
	[ENTRY_MAC] = WORD(BITMASK, src_mac, 0),
	[ENTRY_MAC + 1] = WORD(BITMASK, src_mac, 1),
	[ENTRY_MAC + 2] = WORD(BITMASK, src_mac, 2),
};

static bool
has_field(unsigned field, uint8_t family, unsigned uses)
{
	if (family == 4 && ((field > ENTRY_SRC && field < ENTRY_DST) ||
				   (field > ENTRY_DST && field < ENTRY_SPORT)))
		return false;
	if (field >= ENTRY_CP && field <= ENTRY_BITS)
		return (uses & MATCH_USES_META) != 0;
	if (field == ENTRY_VLAN || field == ENTRY_LENGTH)
		return (uses & MATCH_USES_SIZE) != 0;
	return field < ENTRY_MAC || (uses & MATCH_USES_MAC) != 0;
}

/* The first field is a byte, all others are in groups of four. */
static void
make_layout(struct entry_layout *layout, uint8_t family, unsigned uses)
{
	unsigned bytes = 0;

	layout->n = 0;
	for (unsigned field = 0; field < ENTRY_FIELDS; field++) {
		struct rte_acl_field_def *def = &layout->defs[layout->n];

		layout->at[field] = ENTRY_ABSENT;
		if (!has_field(field, family, uses))
			continue;
		*def = all_fields[field];
		def->field_index = layout->n;
		def->input_index = field == ENTRY_PROTO ? 0 : 1 + bytes / 4;
		bytes += field == ENTRY_PROTO ? 0 : def->size;
		layout->at[field] = layout->n++;
	}
}

int
entry_survey(struct entry_layout *layout, const struct fw_config *config, uint8_t family)
{
	unsigned uses = 0;
	int rc = 0;

	layout->n_entries = 0;
	for (unsigned i = 0; i < config->n_rules && rc == 0; i++) {
		struct values values;

		if (config->rules[i].action == FW_CONTINUE)
			continue;
		uses |= match_uses(&config->rules[i]);
		rc = values_of(&values, &config->rules[i], family);
		if (rc == 0)
			layout->n_entries +=
				values_combinations(&values, &config->rules[i]);
		values_clear(&values);
	}
	make_layout(layout, family, uses);
	return rc;
}

/* ---- the entries of a rule --------------------------------------------------------- */

struct builder {
	const struct entry_layout *layout;
	uint8_t family;
	struct entry entry; /* being filled in */
	entry_fn *fn;
	void *arg;
	int rc; /* of the first entry that was refused */
};

static void add_rule(
	struct builder *b, const struct fw_rule *rule, unsigned index, unsigned n_rules);

int
entry_each(const struct entry_layout *layout, const struct fw_config *config,
	uint8_t family, entry_fn *fn, void *arg)
{
	struct builder b = {.layout = layout, .family = family, .fn = fn, .arg = arg};

	for (unsigned i = 0; i < config->n_rules; i++)
		add_rule(&b, &config->rules[i], i, config->n_rules);
	return b.rc;
}

struct list { /* values of one field, of which each entry has one */
	enum entry_field field;
	const struct net_ports *ranges; /* one of these three; n 0: any */
	const struct net_prefix *prefixes;
	const struct net_mac *macs;
	unsigned n;
};

static void add_lists(struct builder *b, const struct list *lists, unsigned n);
static void put(struct builder *b, const struct list *list, unsigned i);
static void put_fixed(struct builder *b, const struct fw_rule *rule);

static struct list
list_of_ranges(enum entry_field field, const struct net_ports *ranges, unsigned n)
{
	return (struct list){.field = field, .ranges = ranges, .n = n};
}

static void
add_rule(struct builder *b, const struct fw_rule *rule, unsigned index, unsigned n_rules)
{
	struct values v;

	if (rule->action == FW_CONTINUE || b->rc != 0)
		return;
	b->rc = values_of(&v, rule, b->family);
	b->entry.data = (struct rte_acl_rule_data){.category_mask = 1,
		.priority = (int32_t)(n_rules - index),
		.userdata = index + 1};
	put_fixed(b, rule);
	for (unsigned i = 0; i < v.proto.n; i++) {
		const bool icmp = values_is_icmp(&v.proto.list[i]);
		const struct list lists[] = {
			list_of_ranges(ENTRY_PROTO, &v.proto.list[i], 1),
			{.field = ENTRY_SRC, .prefixes = v.src.list, .n = v.src.n},
			{.field = ENTRY_DST, .prefixes = v.dst.list, .n = v.dst.n},
			icmp ? list_of_ranges(
				       ENTRY_SPORT, rule->icmp.type, rule->icmp.n_type)
			     : list_of_ranges(ENTRY_SPORT, v.sport.list, v.sport.n),
			icmp ? list_of_ranges(
				       ENTRY_DPORT, rule->icmp.code, rule->icmp.n_code)
			     : list_of_ranges(ENTRY_DPORT, v.dport.list, v.dport.n),
			list_of_ranges(ENTRY_DSCP, rule->dscp, rule->n_dscp),
			list_of_ranges(ENTRY_VLAN, rule->vlan, rule->n_vlan),
			list_of_ranges(ENTRY_LENGTH, rule->length, rule->n_length),
			{.field = ENTRY_MAC, .macs = rule->src_mac, .n = rule->n_src_mac},
			{.field = ENTRY_MAC + 1,
				.macs = rule->dst_mac,
				.n = rule->n_dst_mac},
		};

		if (!values_none(&v))
			add_lists(b, lists, sizeof(lists) / sizeof(lists[0]));
	}
	values_clear(&v);
}

/* Every combination, one list inside the other. */
static void
add_lists(struct builder *b, const struct list *lists, unsigned n)
{
	if (b->rc != 0)
		return;
	if (n == 0) {
		b->rc = b->fn(b->arg, &b->entry);
		return;
	}
	for (unsigned i = 0; i < lists->n || i == 0; i++) {
		put(b, lists, i);
		add_lists(b, lists + 1, n - 1);
	}
}

static void put_prefix(
	struct builder *b, enum entry_field field, const struct net_prefix *prefix);
static void put_mac(struct builder *b, bool dst, const struct net_mac *mac);
static struct rte_acl_field *at(struct builder *b, unsigned field);

static void
put(struct builder *b, const struct list *list, unsigned i)
{
	struct rte_acl_field *field = at(b, list->field);

	if (list->field == ENTRY_SRC || list->field == ENTRY_DST) {
		put_prefix(b, list->field, &list->prefixes[i]);
	} else if (list->field >= ENTRY_MAC) {
		put_mac(b, list->field > ENTRY_MAC, list->n > 0 ? &list->macs[i] : NULL);
	} else if (field != NULL && all_fields[list->field].size == 1) {
		field->value.u8 = list->n > 0 ? list->ranges[i].first : 0;
		field->mask_range.u8 = list->n > 0 ? list->ranges[i].last : UINT8_MAX;
	} else if (field != NULL) {
		field->value.u16 = list->n > 0 ? list->ranges[i].first : 0;
		field->mask_range.u16 = list->n > 0 ? list->ranges[i].last : UINT16_MAX;
	}
}

static struct rte_acl_field *
at(struct builder *b, unsigned field)
{
	const uint8_t index = b->layout->at[field];

	return index != ENTRY_ABSENT ? &b->entry.field[index] : NULL;
}

static uint32_t
word_of(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* An address is 32-bit fields, the prefix length spread over them. */
static void
put_prefix(struct builder *b, enum entry_field first, const struct net_prefix *prefix)
{
	for (unsigned i = 0; i < (b->family == 4 ? 1 : 4); i++) {
		struct rte_acl_field *field = at(b, first + i);
		const uint32_t len = prefix->len > 32 * i ? prefix->len - 32 * i : 0;

		field->value.u32 = word_of(prefix->addr.bytes + 4 * i);
		field->mask_range.u32 = len > 32 ? 32 : len;
	}
}

/* Six bytes of the twelve that the three words are. */
static void
put_mac(struct builder *b, bool dst, const struct net_mac *mac)
{
	uint8_t value[4 * MAC_WORDS] = {0}, mask[4 * MAC_WORDS] = {0};

	if (at(b, ENTRY_MAC) == NULL)
		return;
	memset(mask + 6 * dst, 0xff, 6);
	for (unsigned i = 0; i < 6; i++)
		value[6 * dst + i] = mac != NULL ? mac->bytes[i] : 0;
	for (unsigned i = 0; i < MAC_WORDS; i++) {
		struct rte_acl_field *field = at(b, ENTRY_MAC + i);
		const uint32_t ours = word_of(mask + 4 * i);

		field->value.u32 = (field->value.u32 & ~ours) | word_of(value + 4 * i);
		field->mask_range.u32 =
			(field->mask_range.u32 & ~ours) | (mac != NULL ? ours : 0);
	}
}

static void
put_bits(struct builder *b, enum entry_field field, uint8_t value, uint8_t mask)
{
	at(b, field)->value.u8 = value;
	at(b, field)->mask_range.u8 = mask;
}

/* What has one value. */
static void
put_fixed(struct builder *b, const struct fw_rule *rule)
{
	const struct fw_tcp_flags *flags = &rule->tcp_flags;

	if (at(b, ENTRY_CP) == NULL)
		return;
	put_bits(b, ENTRY_CP, rule->has_from ? rule->from : 0,
		rule->has_from ? UINT8_MAX : 0);
	put_bits(b, ENTRY_TCP_FLAGS, fw_tcp_flags_byte(flags->set, flags->n_set),
		fw_tcp_flags_byte(flags->mask, flags->n_mask));
	put_bits(b, ENTRY_BITS,
		(rule->fragment ? MATCH_FRAGMENT : 0) |
			(rule->ip_options ? MATCH_OPTIONS : 0),
		(rule->has_fragment ? MATCH_FRAGMENT : 0) |
			(rule->has_ip_options ? MATCH_OPTIONS : 0));
}
