/* frag.c: translations of first fragments, in a session table in private memory; see
 * frag.h. */
#include "vnfs/nat/frag.h"
#include <stdlib.h>
#include <string.h>
#include "dataplane/sdk/session.h"

#define DUE_BATCH 16

struct frag {
	struct session session;
	struct session_key4 key; /* sport: identification; zone: the connection point */
	uint64_t ip;
};

struct frags {
	struct session_table *table;
	void *mem;
};

static const struct session_spec spec = {.record_size = sizeof(struct frag),
	.key_size = sizeof(struct session_key4),
	.n_keys = 1,
	.version = 1};

static struct session_key4 key_of(unsigned cp, const struct pkt_info *info);

int
frags_create(struct frags **out, uint64_t seed, struct err *err)
{
	const size_t size = session_region_size(&spec, FRAG_CAPACITY);
	struct frags *frags = calloc(1, sizeof(*frags));
	int rc;

	if (frags == NULL || posix_memalign(&frags->mem, 64, size) != 0) {
		free(frags);
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	}
	memset(frags->mem, 0, size);
	rc = session_open(&frags->table, &spec, frags->mem, size, seed, 0, err);
	if (rc == 0)
		*out = frags;
	else
		frags_destroy(frags);
	return rc;
}

void
frags_destroy(struct frags *frags)
{
	if (frags == NULL)
		return;
	session_close(frags->table);
	free(frags->mem);
	free(frags);
}

void
frags_remember(struct frags *frags, unsigned cp, const struct pkt_info *info, uint32_t ip,
	uint64_t now_ns)
{
	const struct session_key4 key = key_of(cp, info);
	session_ref ref = session_find(frags->table, &key);

	if (ref != SESSION_NONE)
		session_delete(frags->table, ref);
	ref = session_new(frags->table);
	if (ref == SESSION_NONE) /* too many: the later ones are dropped and counted */
		return;
	struct frag *frag = session_record(frags->table, ref);

	frag->key = key;
	frag->ip = ip;
	session_commit(frags->table, ref, now_ns + FRAG_TIMEOUT_NS);
}

bool
frags_find(struct frags *frags, unsigned cp, const struct pkt_info *info, uint64_t now_ns,
	uint32_t *ip)
{
	const struct session_key4 key = key_of(cp, info);
	const session_ref ref = session_find(frags->table, &key);

	if (ref == SESSION_NONE)
		return false;
	const struct frag *frag = session_record(frags->table, ref);

	if (frag->session.expires_ns <= now_ns)
		return false;
	*ip = (uint32_t)frag->ip;
	return true;
}

void
frags_expire(struct frags *frags, uint64_t now_ns)
{
	session_ref refs[DUE_BATCH];
	const unsigned n = session_due(frags->table, now_ns, refs, DUE_BATCH);

	for (unsigned i = 0; i < n; i++)
		session_delete(frags->table, refs[i]);
}

static struct session_key4
key_of(unsigned cp, const struct pkt_info *info)
{
	struct session_key4 key = {.sport = (uint16_t)info->frag_id,
		.zone = (uint16_t)cp,
		.proto = info->proto};

	memcpy(&key.src, info->src, 4);
	memcpy(&key.dst, info->dst, 4);
	return key;
}
