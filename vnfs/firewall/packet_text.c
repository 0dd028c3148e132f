/* packet_text.c: see packet_text.h. */
#include "vnfs/firewall/packet_text.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "dataplane/pkt/hdr.h"

#define TEXT_MAX    512
#define ICMP_ECHO   8
#define ICMPV6_ECHO 128

struct reader {
	char *rest; /* words not read yet */
	struct packet_text *packet;
	struct err *err;
};

static char *next_word(struct reader *r);
static int wrong(struct reader *r, const char *word, const char *hint);
static int read_proto(struct reader *r);
static int read_end(struct reader *r, uint8_t *addr, uint16_t *port);
static int read_details(struct reader *r);
static void assume(struct match_key *key);

int
packet_text_parse(const char *text, struct packet_text *packet, struct err *err)
{
	char words[TEXT_MAX];
	struct reader r = {words, packet, err};
	const char *arrow;
	int rc;

	*packet = (struct packet_text){0};
	if (strlen(text) >= sizeof(words))
		return err_set(err, ERR_INVALID, "packet", NULL, "too long");
	strcpy(words, text);
	rc = read_proto(&r);
	if (rc == 0)
		rc = read_end(&r, packet->key.src, &packet->key.sport);
	arrow = rc == 0 ? next_word(&r) : NULL;
	if (rc == 0 && (arrow == NULL || strcmp(arrow, ">") != 0))
		rc = wrong(&r, arrow, "SOURCE > DESTINATION");
	if (rc == 0)
		rc = read_end(&r, packet->key.dst, &packet->key.dport);
	if (rc != 0)
		return rc;
	assume(&packet->key);
	return read_details(&r);
}

static char *
next_word(struct reader *r)
{
	char *word = r->rest + strspn(r->rest, " \t");
	const size_t len = strcspn(word, " \t");

	r->rest = word + len;
	if (*r->rest != '\0')
		*r->rest++ = '\0';
	return len > 0 ? word : NULL;
}

static int
wrong(struct reader *r, const char *word, const char *hint)
{
	if (word == NULL)
		return err_set(
			r->err, ERR_INVALID, "packet", hint, "the packet ends too early");
	return err_set(
		r->err, ERR_INVALID, "packet", hint, "'%s' cannot stand there", word);
}

static int
read_proto(struct reader *r)
{
	static const struct field field = {.syntax = fw_proto_syntax};
	char *word = next_word(r);
	json_t *json = json_string(word != NULL ? word : "");
	struct faults faults = {0};
	uint16_t proto = FW_PROTO_ANY;
	int rc = fw_proto_parse(&field, json, "packet", &proto, &faults);

	json_decref(json);
	faults_clear(&faults);
	if (rc != 0 || proto == FW_PROTO_ANY)
		return wrong(r, word, "tcp, udp, icmp, icmpv6, sctp, gre, esp, or 0-255");
	r->packet->key.proto = proto;
	return 0;
}

static bool
has_ports(uint8_t proto)
{
	return proto == PKT_PROTO_TCP || proto == PKT_PROTO_UDP ||
	       proto == PKT_PROTO_SCTP;
}

/* An address, with a port if the protocol has one; both ends are of one family. */
static int
read_end(struct reader *r, uint8_t *addr, uint16_t *port)
{
	struct match_key *key = &r->packet->key;
	const bool ports = has_ports(key->proto);
	struct net_endpoint end = {0};
	char *word = next_word(r);
	int rc = word == NULL ? -1
		 : ports      ? net_endpoint_parse(word, &end)
			      : net_addr_parse(word, &end.addr);

	if (rc != 0)
		return wrong(
			r, word, ports ? "ADDRESS:PORT, [ADDRESS]:PORT" : "an address");
	if (key->family != 0 && key->family != end.addr.family)
		return wrong(r, word, "both addresses of one family");
	key->family = end.addr.family;
	memcpy(addr, end.addr.bytes, sizeof(end.addr.bytes));
	*port = htons(end.port);
	return 0;
}

/* What opens a flow, without payload. */
static void
assume(struct match_key *key)
{
	unsigned length = key->family == 4 ? PKT_IP4_LEN : PKT_IP6_LEN;

	if (key->proto == PKT_PROTO_TCP) {
		key->tcp_flags = PKT_TCP_SYN;
		length += PKT_TCP_LEN;
	} else if (key->proto == PKT_PROTO_UDP || key->proto == PKT_PROTO_ICMP ||
		   key->proto == PKT_PROTO_ICMPV6) {
		length += PKT_UDP_LEN;
	}
	if (key->proto == PKT_PROTO_ICMP)
		key->sport = htons(ICMP_ECHO);
	if (key->proto == PKT_PROTO_ICMPV6)
		key->sport = htons(ICMPV6_ECHO);
	key->length = htons(length);
}

/* ---- details ----------------------------------------------------------------------- */

static int
read_number(struct reader *r, unsigned most, unsigned *number)
{
	char *word = next_word(r), *end = NULL;
	const unsigned long value = word != NULL ? strtoul(word, &end, 10) : 0;

	if (word == NULL || *word < '0' || *word > '9' || *end != '\0' || value > most)
		return wrong(r, word, "a number");
	*number = value;
	return 0;
}

static int
read_from(struct reader *r)
{
	char *word = next_word(r);

	if (word == NULL || (strcmp(word, "left") != 0 && strcmp(word, "right") != 0))
		return wrong(r, word, "from left, or from right");
	r->packet->has_from = true;
	r->packet->key.cp = strcmp(word, "left") == 0 ? FW_LEFT : FW_RIGHT;
	return 0;
}

static int
read_flags(struct reader *r)
{
	static const char letters[] = "FSRPAU"; /* in the order of their bits */
	char *word = next_word(r);
	uint8_t flags = 0;

	for (const char *c = word; c != NULL && *c != '\0'; c++) {
		const char *letter = strchr(letters, *c);

		if (letter == NULL)
			return wrong(r, word, "letters of FSRPAU");
		flags |= 1 << (letter - letters);
	}
	if (word == NULL)
		return wrong(r, word, "letters of FSRPAU");
	r->packet->key.tcp_flags = flags;
	return 0;
}

static int
read_mac(struct reader *r, uint8_t *bytes)
{
	struct net_mac mac;
	char *word = next_word(r);

	if (word == NULL || net_mac_parse(word, &mac) != 0)
		return wrong(r, word, "a MAC address");
	memcpy(bytes, mac.bytes, sizeof(mac.bytes));
	return 0;
}

static int read_detail(struct reader *r, const char *word);

static int
read_details(struct reader *r)
{
	const char *word;
	int rc = 0;

	while (rc == 0 && (word = next_word(r)) != NULL)
		rc = read_detail(r, word);
	return rc;
}

static int
read_detail(struct reader *r, const char *word)
{
	struct match_key *key = &r->packet->key;
	static const struct {
		const char *name;
		unsigned most;
	} numbers[] = {{"type", 255}, {"code", 255}, {"dscp", 63}, {"vlan", 4094},
		{"length", 65535}};
	unsigned n = 0, i = 0;

	if (strcmp(word, "from") == 0)
		return read_from(r);
	if (strcmp(word, "flags") == 0)
		return read_flags(r);
	if (strcmp(word, "src-mac") == 0)
		return read_mac(r, key->src_mac);
	if (strcmp(word, "dst-mac") == 0)
		return read_mac(r, key->dst_mac);
	if (strcmp(word, "fragment") == 0 || strcmp(word, "ip-options") == 0) {
		key->bits |= *word == 'f' ? MATCH_FRAGMENT : MATCH_OPTIONS;
		return 0;
	}
	while (i < sizeof(numbers) / sizeof(numbers[0]) &&
		strcmp(word, numbers[i].name) != 0)
		i++;
	if (i == sizeof(numbers) / sizeof(numbers[0]))
		return wrong(r, word,
			"from, flags, type, code, dscp, vlan, length, src-mac, dst-mac, "
			"fragment or ip-options");
	if (read_number(r, numbers[i].most, &n) != 0)
		return -1;
	if (i < 2)
		*(i == 0 ? &key->sport : &key->dport) = htons(n);
	else if (i == 2)
		key->dscp = n;
	else
		*(i == 3 ? &key->vlan : &key->length) = htons(n);
	return 0;
}
