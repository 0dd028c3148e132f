/* pkttext.c: packet text to bytes, and the comparison (pkttext.h). Layers are read from
 * the outside in; each is completed (lengths, checksums) when all inside it is there.
 */
#include "tests/lib/pkttext.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "common/net.h"
#include "tests/lib/pktlayer.h"

#define WORD_MAX (2 * PKTTEXT_MAX + 16)

struct reader {
	const char *at;	     /* behind the current word */
	char word[WORD_MAX]; /* "" at the end; a string with its opening quote */
	struct pkttext *pkt;
	size_t ip; /* where the IP header around the present place starts */
	bool has_ip;
	struct err *err;
};

static int read_layers(struct reader *r, const struct pktlayer *outer, size_t outer_at);
static int read_layer(struct reader *r, const struct pktlayer *outer, size_t outer_at);
static void name_inner(struct reader *r, const struct pktlayer *outer, size_t outer_at,
	const struct pktlayer *inner);
static int read_pair(struct reader *r, const struct pktlayer *layer, size_t at);
static int read_fields(struct reader *r, const struct pktlayer *layer, size_t at);
static const struct pktfield *field_named(const struct pktlayer *layer, const char *name);
static int read_field(struct reader *r, const struct pktlayer *layer,
	const struct pktfield *field, size_t at);
static int read_value(struct reader *r, const struct pktfield *field, size_t at);
static int read_address(struct reader *r, enum pktfield_kind kind, size_t at);
static int read_flags(struct reader *r, const struct pktfield *field, size_t at);
static int read_options(struct reader *r, const struct pktlayer *layer, size_t at);
static bool is_payload(const char *word);
static int read_payload(struct reader *r);
static int read_hex(struct reader *r);
static int read_string(struct reader *r);
static int read_fill(struct reader *r, bool pattern);
static int read_embedded(struct reader *r);
static void complete(struct reader *r, const struct pktlayer *layer, size_t at);
static int read_number(struct reader *r, uint32_t *value);
static int append(struct reader *r, const void *data, const void *mask, size_t len);
static int next_word(struct reader *r);
static int fail(struct reader *r, const char *what);

int
pkttext_parse(const char *text, struct pkttext *pkt, struct err *err)
{
	struct reader *r = calloc(1, sizeof(*r));
	int rc;

	if (r == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	memset(pkt, 0, sizeof(*pkt));
	r->at = text;
	r->pkt = pkt;
	r->err = err;
	rc = next_word(r);
	if (rc == 0 && r->word[0] == '\0')
		rc = fail(r, "a packet");
	if (rc == 0)
		rc = read_layers(r, NULL, 0);
	if (rc == 0 && r->word[0] != '\0')
		rc = fail(r, "a field, a layer or a payload");
	free(r);
	return rc;
}

bool
pkttext_match(const struct pkttext *expected, const uint8_t *data, size_t len)
{
	if (len < expected->len || (expected->whole && len != expected->len))
		return false;
	for (size_t i = 0; i < expected->len; i++)
		if (((data[i] ^ expected->data[i]) & expected->mask[i]) != 0)
			return false;
	return true;
}

/* ---- layers ------------------------------------------------------------------------ */

/* All layers and payload from the current word on; outer: the one around them, or null.
 */
static int
read_layers(struct reader *r, const struct pktlayer *outer, size_t outer_at)
{
	if (r->word[0] == '\0' || r->word[0] == ']')
		return 0;
	if (r->word[0] == '[') {
		int rc = read_embedded(r);

		return rc != 0 ? rc : read_layers(r, outer, outer_at);
	}
	if (is_payload(r->word)) {
		int rc = read_payload(r);

		return rc != 0 ? rc : read_layers(r, outer, outer_at);
	}
	return read_layer(r, outer, outer_at);
}

static int
read_layer(struct reader *r, const struct pktlayer *outer, size_t outer_at)
{
	const struct pktlayer *layer = pktlayer_named(r->word);
	const size_t at = r->pkt->len, ip = r->ip;
	const bool has_ip = r->has_ip;
	int rc;

	if (layer == NULL)
		return fail(r, "a field, a layer or a payload");
	if (outer != NULL)
		name_inner(r, outer, outer_at, layer);
	if (layer->pair == PKTFIELD_IP4 || layer->pair == PKTFIELD_IP6) {
		r->ip = at;
		r->has_ip = true;
	}
	rc = append(r, layer->init, layer->fixed, layer->len);
	if (rc == 0)
		rc = next_word(r);
	if (rc == 0 && layer->pair != PKTFIELD_WORD)
		rc = read_pair(r, layer, at);
	if (rc == 0)
		rc = read_fields(r, layer, at);
	if (rc == 0)
		rc = read_layers(r, layer, at);
	if (rc == 0)
		complete(r, layer, at);
	r->ip = ip;
	r->has_ip = has_ip;
	return rc;
}

/* The outer header says what follows, unless the text gave another number. */
static void
name_inner(struct reader *r, const struct pktlayer *outer, size_t outer_at,
	const struct pktlayer *inner)
{
	uint8_t *at = &r->pkt->data[outer_at + outer->next_off];
	uint8_t *mask = &r->pkt->mask[outer_at + outer->next_off];
	const int number = outer->next_size == 2 ? inner->eth_type : inner->proto;

	if (outer->next_size == 0 || number < 0 || mask[0] != 0)
		return;
	if (outer->next_size == 2)
		*at++ = (uint8_t)(number >> 8);
	*at = (uint8_t)number;
	memset(mask, 0xff, outer->next_size);
}

static int
read_pair(struct reader *r, const struct pktlayer *layer, size_t at)
{
	const struct pktfield from = {
		.kind = layer->pair, .off = layer->pair_from, .size = 2};
	const struct pktfield to = {
		.kind = layer->pair, .off = layer->pair_to, .size = 2};
	int rc = read_value(r, &from, at);

	if (rc != 0)
		return rc;
	if (strcmp(r->word, ">") != 0)
		return fail(r, "'>'");
	rc = next_word(r);
	return rc != 0 ? rc : read_value(r, &to, at);
}

static int
read_fields(struct reader *r, const struct pktlayer *layer, size_t at)
{
	const struct pktfield *field = &layer->fields[0];
	int rc = field->name[0] == '\0' ? read_field(r, layer, field, at) : 0;

	while (rc == 0 && (field = field_named(layer, r->word)) != NULL) {
		rc = next_word(r);
		if (rc == 0)
			rc = read_field(r, layer, field, at);
	}
	return rc;
}

static const struct pktfield *
field_named(const struct pktlayer *layer, const char *name)
{
	for (const struct pktfield *field = layer->fields; field->name != NULL; field++)
		if (name[0] != '\0' && strcmp(field->name, name) == 0)
			return field;
	return NULL;
}

static int
read_field(struct reader *r, const struct pktlayer *layer, const struct pktfield *field,
	size_t at)
{
	if (field->sets_kind) {
		r->pkt->data[at + layer->kind_off] = field->only[0];
		r->pkt->mask[at + layer->kind_off] = 0xff;
	}
	if (field->kind == PKTFIELD_OPTS)
		return read_options(r, layer, at);
	return read_value(r, field, at);
}

static int
read_value(struct reader *r, const struct pktfield *field, size_t at)
{
	uint8_t *data = &r->pkt->data[at], *mask = &r->pkt->mask[at];
	uint32_t value = field->value;
	int rc;

	if (field->kind == PKTFIELD_FLAGS)
		return read_flags(r, field, at);
	if (field->kind != PKTFIELD_NUM && field->kind != PKTFIELD_WORD)
		return read_address(r, field->kind, at + field->off);
	if (field->kind == PKTFIELD_NUM) {
		rc = read_number(r, &value);
		if (rc != 0)
			return rc;
	}
	pktfield_set(field, data, value);
	pktfield_set(field, mask, UINT32_MAX);
	return pktfield_get(field, data) == value ? 0 : fail(r, "a number that fits");
}

static int
read_address(struct reader *r, enum pktfield_kind kind, size_t at)
{
	const size_t size = pktfield_size(&(struct pktfield){.kind = kind});
	struct net_mac mac;
	struct net_addr addr;

	if (kind == PKTFIELD_MAC) {
		if (net_mac_parse(r->word, &mac) != 0)
			return fail(r, "a MAC address");
		memcpy(&r->pkt->data[at], mac.bytes, size);
	} else {
		if (net_addr_parse(r->word, &addr) != 0 ||
			addr.family != (kind == PKTFIELD_IP4 ? 4 : 6))
			return fail(r, kind == PKTFIELD_IP4 ? "an IPv4 address"
							    : "an IPv6 address");
		memcpy(&r->pkt->data[at], addr.bytes, size);
	}
	memset(&r->pkt->mask[at], 0xff, size);
	return next_word(r);
}

static int
read_flags(struct reader *r, const struct pktfield *field, size_t at)
{
	uint8_t flags = 0;

	for (const char *c = r->word; *c != '\0'; c++) {
		const char *known = strchr(pktlayer_tcp_flags, *c);

		if (*c == '.') /* as tcpdump writes ACK */
			known = strchr(pktlayer_tcp_flags, 'A');
		if (known == NULL)
			return fail(r, "TCP flags of FSRPAUEC");
		flags |= (uint8_t)(1u << (known - pktlayer_tcp_flags));
	}
	r->pkt->data[at + field->off] = flags;
	r->pkt->mask[at + field->off] = 0xff;
	return next_word(r);
}

/* Options, padded to four bytes; the header length (low nibble of ip4, high nibble of
 * tcp) grows by them. */
static int
read_options(struct reader *r, const struct pktlayer *layer, size_t at)
{
	const size_t before = r->pkt->len;
	const bool tcp = layer->pair == PKTFIELD_NUM;
	int rc = read_hex(r);

	while (rc == 0 && (r->pkt->len - before) % 4 != 0)
		rc = append(r, "\0", "\xff", 1);
	if (rc == 0)
		r->pkt->data[at + (tcp ? 12 : 0)] +=
			(uint8_t)((r->pkt->len - before) / 4 * (tcp ? 16 : 1));
	return rc;
}

/* [packet]: what an ICMP error carries. Inside, lengths may tell of more than is there.
 */
static int
read_embedded(struct reader *r)
{
	int rc = next_word(r);

	if (rc == 0)
		rc = read_layers(r, NULL, 0);
	if (rc != 0)
		return rc;
	return r->word[0] == ']' ? next_word(r) : fail(r, "']'");
}

/* ---- payload ----------------------------------------------------------------------- */

static bool
is_payload(const char *word)
{
	return word[0] == '"' || strcmp(word, "hex") == 0 || strcmp(word, "zeros") == 0 ||
	       strcmp(word, "pattern") == 0 || strcmp(word, "end") == 0;
}

static int
read_payload(struct reader *r)
{
	char kind[16];
	int rc;

	r->pkt->whole = true;
	if (r->word[0] == '"')
		return read_string(r);
	strcpy(kind, r->word);
	rc = next_word(r);
	if (rc != 0 || strcmp(kind, "end") == 0)
		return rc;
	return strcmp(kind, "hex") == 0 ? read_hex(r)
					: read_fill(r, strcmp(kind, "pattern") == 0);
}

static int
read_hex(struct reader *r)
{
	const size_t n = strlen(r->word);

	if (n == 0 || n % 2 != 0 || strspn(r->word, "0123456789abcdefABCDEF") != n)
		return fail(r, "bytes as pairs of hex digits");
	for (size_t i = 0; i < n; i += 2) {
		const char pair[3] = {r->word[i], r->word[i + 1], '\0'};
		const uint8_t byte = (uint8_t)strtoul(pair, NULL, 16);
		int rc = append(r, &byte, "\xff", 1);

		if (rc != 0)
			return rc;
	}
	return next_word(r);
}

static int
read_string(struct reader *r)
{
	for (const char *c = r->word + 1; *c != '\0'; c++) {
		int rc = append(r, c, "\xff", 1);

		if (rc != 0)
			return rc;
	}
	return next_word(r);
}

static int
read_fill(struct reader *r, bool pattern)
{
	uint32_t n = 0;
	int rc = read_number(r, &n);

	for (uint32_t i = 0; rc == 0 && i < n; i++) {
		const uint8_t byte = pattern ? (uint8_t)i : 0;

		rc = append(r, &byte, "\xff", 1);
	}
	return rc;
}

/* ---- lengths and checksums --------------------------------------------------------- */

struct completion {
	const char *layer;
	size_t len_off; /* of a 2-byte length; 0: none */
	int len_add;	/* to the bytes from the header's start on */
	size_t csum_off;
	bool pseudo; /* over the pseudo-header too (or would be, if ICMPv4 had one) */
};

static const struct completion completions[] = {
	{"ip4", 2, 0, 10, false},
	{"ip6", 4, -40, 0, false},
	{"udp", 4, 0, 6, true},
	{"tcp", 0, 0, 16, true},
	{"icmp", 0, 0, 2, true},
	{"icmp6", 0, 0, 2, true},
};

static void complete_len(struct pkttext *pkt, const struct completion *c, size_t at);
static void complete_csum(struct reader *r, const struct completion *c,
	const struct pktlayer *layer, size_t at);

static void
complete(struct reader *r, const struct pktlayer *layer, size_t at)
{
	for (size_t i = 0; i < sizeof(completions) / sizeof(completions[0]); i++) {
		const struct completion *c = &completions[i];

		if (strcmp(c->layer, layer->name) != 0)
			continue;
		if (c->len_off != 0)
			complete_len(r->pkt, c, at);
		if (c->csum_off != 0)
			complete_csum(r, c, layer, at);
	}
}

static void
complete_len(struct pkttext *pkt, const struct completion *c, size_t at)
{
	const size_t len = pkt->len - at + (size_t)(ptrdiff_t)c->len_add;

	if (pkt->mask[at + c->len_off] != 0)
		return;
	pkt->data[at + c->len_off] = (uint8_t)(len >> 8);
	pkt->data[at + c->len_off + 1] = (uint8_t)len;
}

static void
complete_csum(struct reader *r, const struct completion *c, const struct pktlayer *layer,
	size_t at)
{
	struct pkttext *pkt = r->pkt;
	uint8_t *data = &pkt->data[at];
	const size_t header_len = (size_t)(data[0] & 0x0f) * 4;
	uint16_t csum;

	if (pkt->mask[at + c->csum_off] != 0 || (c->pseudo && !r->has_ip))
		return;
	csum = pktlayer_fold(c->pseudo
				     ? pktlayer_l4_sum(&pkt->data[r->ip],
					       (uint8_t)layer->proto, data, pkt->len - at)
				     : pktlayer_sum(0, data, header_len));
	if (csum == 0 && layer->proto == 17)
		csum = 0xffff;
	data[c->csum_off] = (uint8_t)(csum >> 8);
	data[c->csum_off + 1] = (uint8_t)csum;
}

/* ---- words ------------------------------------------------------------------------- */

static int
read_number(struct reader *r, uint32_t *value)
{
	char *end;
	const unsigned long long n = strtoull(r->word, &end, 0);

	if (!isdigit((unsigned char)r->word[0]) || *end != '\0' || n > UINT32_MAX)
		return fail(r, "a number");
	*value = (uint32_t)n;
	return next_word(r);
}

static int
append(struct reader *r, const void *data, const void *mask, size_t len)
{
	struct pkttext *pkt = r->pkt;

	if (pkt->len + len > PKTTEXT_MAX)
		return err_set(r->err, ERR_MALFORMED, NULL, NULL,
			"the packet is longer than %d bytes", PKTTEXT_MAX);
	memcpy(&pkt->data[pkt->len], data, len);
	memcpy(&pkt->mask[pkt->len], mask, len);
	pkt->len += len;
	return 0;
}

/* Words end at blanks; brackets are words of their own, a string ends at its quote. */
static int
next_word(struct reader *r)
{
	size_t n;

	r->at += strspn(r->at, " \t\r\n");
	if (*r->at == '"') {
		n = 1 + strcspn(r->at + 1, "\"");
		if (r->at[n] != '"')
			return fail(r, "the end of a string");
	} else {
		n = *r->at == '[' || *r->at == ']' ? 1 : strcspn(r->at, " \t\r\n[]");
	}
	if (n >= WORD_MAX)
		return fail(r, "a shorter word");
	memcpy(r->word, r->at, n);
	r->word[n] = '\0';
	r->at += n + (r->word[0] == '"' ? 1 : 0);
	return 0;
}

static int
fail(struct reader *r, const char *what)
{
	return err_set(r->err, ERR_MALFORMED, NULL, NULL, "expected %s, found '%.60s'",
		what, r->word[0] != '\0' ? r->word : "the end");
}
