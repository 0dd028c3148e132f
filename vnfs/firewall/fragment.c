/* fragment.c: a small session table of fragmented packets in private memory; see
 * fragment.h. */
#include "vnfs/firewall/fragment.h"

#include <stdlib.h>
#include <string.h>
#include <rte_malloc.h>
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/session.h"

#define SECOND_NS      1000000000ull
#define EXPIRE_AT_ONCE 64
#define TCP_FLAGS_END  14 /* bytes of a TCP header that the first fragment must have */

struct fragments {
	struct session_table *table;
	void *records;
	const struct accounts *accounts;
};

struct fragmented { /* one packet */
	struct session session;
	struct session_key6 key; /* sport, dport: the identification */
	uint32_t account;
	uint32_t reserved;
};

static const struct session_spec spec = {
	.record_size = sizeof(struct fragmented),
	.key_size = sizeof(struct session_key6),
	.n_keys = 1,
	.version = 1,
};

static struct session_key6 fragment_key(
	const struct pkt_info *packet, uint16_t zone, unsigned cp);

int
fragments_create(struct fragments **fragments, const struct accounts *accounts,
	uint64_t seed, uint64_t now_ns, struct err *err)
{
	size_t size = session_region_size(&spec, FRAGMENT_PACKETS);
	struct fragments *f = calloc(1, sizeof(*f));
	int rc;

	if (f != NULL)
		f->records = rte_zmalloc("firewall-fragments", size, 64);
	if (f == NULL || f->records == NULL) {
		fragments_destroy(f);
		return err_set(
			err, ERR_NO_RESOURCE, NULL, NULL, "no memory for fragments");
	}
	f->accounts = accounts;
	rc = session_open(&f->table, &spec, f->records, size, seed, now_ns, err);
	if (rc < 0) {
		fragments_destroy(f);
		return rc;
	}
	*fragments = f;
	return 0;
}

void
fragments_destroy(struct fragments *f)
{
	if (f == NULL)
		return;
	session_close(f->table);
	rte_free(f->records);
	free(f);
}

bool
fragment_is_tiny(const struct pkt_info *packet)
{
	if (packet->proto != PKT_PROTO_TCP || !packet->fragment)
		return false;
	if (packet->first)
		return packet->end - packet->l4 < TCP_FLAGS_END;
	return packet->family == 4 && packet->frag_off < 2 * 8;
}

void
fragments_accept(struct fragments *f, const struct pkt_info *packet, uint16_t zone,
	unsigned cp, uint32_t account, uint64_t now_ns)
{
	uint64_t until_ns = now_ns + (packet->family == 4 ? 30 : 60) * SECOND_NS;
	struct session_key6 key = fragment_key(packet, zone, cp);
	session_ref ref = session_find(f->table, &key);
	struct fragmented *packets;

	if (ref != SESSION_NONE) { /* the first one again */
		session_expire_at(f->table, ref, until_ns);
		return;
	}
	ref = session_new(f->table);
	if (ref == SESSION_NONE)
		return;
	packets = session_record(f->table, ref);
	packets->key = key;
	packets->account = account;
	if (session_commit(f->table, ref, until_ns) == 0)
		account_hold(f->accounts, account, 1);
}

bool
fragments_follow(const struct fragments *f, const struct pkt_info *packet, uint16_t zone,
	unsigned cp, uint32_t *account)
{
	struct session_key6 key = fragment_key(packet, zone, cp);
	session_ref ref = session_find(f->table, &key);

	if (ref == SESSION_NONE)
		return false;
	*account = ((const struct fragmented *)session_record(f->table, ref))->account;
	return true;
}

bool
fragments_expire(struct fragments *f, uint64_t now_ns)
{
	session_ref due[EXPIRE_AT_ONCE];
	unsigned n = session_due(f->table, now_ns, due, EXPIRE_AT_ONCE);

	for (unsigned i = 0; i < n; i++) {
		const struct fragmented *packet = session_record(f->table, due[i]);

		account_hold(f->accounts, packet->account, -1);
		session_delete(f->table, due[i]);
	}
	return n == EXPIRE_AT_ONCE;
}

/* IPv6 tells packets by addresses and identification alone: what follows the fragment
 * header is not the same in each (RFC 8200 4.5). */
static struct session_key6
fragment_key(const struct pkt_info *packet, uint16_t zone, unsigned cp)
{
	struct session_key6 key = {
		.sport = packet->frag_id >> 16,
		.dport = (uint16_t)packet->frag_id,
		.zone = zone,
		.proto = packet->family == 4 ? packet->proto : 0,
		.kind = packet->family | cp << 4,
	};

	memcpy(key.src, packet->src, sizeof(key.src));
	memcpy(key.dst, packet->dst, sizeof(key.dst));
	return key;
}
