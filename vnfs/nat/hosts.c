/* hosts.c: inside hosts, in a session table in private memory; see hosts.h. */
#include "vnfs/nat/hosts.h"
#include <stdlib.h>
#include "vnfs/nat/lazy.h"

#define SECOND_NS 1000000000ull
#define ONE	  65536u /* session, of a credit */

struct hosts {
	struct session_table *table;
	void *mem;
	size_t size;
};

static const struct session_spec spec = {.record_size = sizeof(struct host),
	.key_size = sizeof(struct session_key4),
	.n_keys = 1,
	.version = 1};

int
hosts_create(struct hosts **out, uint32_t n, uint64_t seed, struct err *err)
{
	struct hosts *hosts = calloc(1, sizeof(*hosts));
	int rc;

	if (hosts == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	hosts->size = session_region_size(&spec, n);
	hosts->mem = lazy_alloc(hosts->size);
	if (hosts->mem == NULL) {
		free(hosts);
		return err_set(err, ERR_NO_RESOURCE, "max-sessions", NULL,
			"no memory for %u inside hosts", n);
	}
	rc = session_open(&hosts->table, &spec, hosts->mem, hosts->size, seed, 0, err);
	if (rc == 0)
		*out = hosts;
	else
		hosts_destroy(hosts);
	return rc;
}

void
hosts_destroy(struct hosts *hosts)
{
	if (hosts == NULL)
		return;
	session_close(hosts->table);
	lazy_free(hosts->mem, hosts->size);
	free(hosts);
}

struct host *
hosts_find(struct hosts *hosts, uint32_t ip)
{
	const struct session_key4 key = {.src = ip};
	const session_ref ref = session_find(hosts->table, &key);

	return ref == SESSION_NONE ? NULL : session_record(hosts->table, ref);
}

struct host *
hosts_get(struct hosts *hosts, uint32_t ip)
{
	struct host *host = hosts_find(hosts, ip);

	if (host != NULL)
		return host;
	const session_ref ref = session_new(hosts->table);

	if (ref == SESSION_NONE)
		return NULL;
	host = session_record(hosts->table, ref);
	host->key.src = ip;
	return session_commit(hosts->table, ref, UINT64_MAX) == 0 ? host : NULL;
}

void
hosts_put(struct hosts *hosts, struct host *host)
{
	if (host->n_sessions == 0 && host->n_ports == 0)
		session_delete(hosts->table, session_find(hosts->table, &host->key));
}

bool
hosts_may_open(struct host *host, uint32_t rate, uint64_t now_ns)
{
	const uint64_t passed = now_ns - host->asked_ns;
	const uint64_t full = (uint64_t)rate * ONE;
	uint64_t credit = full;

	if (passed < SECOND_NS)
		credit = host->credit + passed * rate / (SECOND_NS / ONE);
	if (credit > full)
		credit = full;
	host->asked_ns = now_ns;
	if (credit < ONE) {
		host->credit = (uint32_t)credit;
		return false;
	}
	host->credit = (uint32_t)(credit - ONE);
	return true;
}

struct host_block *
hosts_block(struct host *host, uint16_t first)
{
	for (unsigned i = 0; i < host->n_blocks; i++)
		if (host->blocks[i].first == first)
			return &host->blocks[i];
	return NULL;
}

struct host_block *
hosts_add_block(struct host *host, uint16_t first)
{
	if (host->n_blocks == CONFIG_MAX_BLOCKS)
		return NULL;
	host->blocks[host->n_blocks] = (struct host_block){.first = first};
	return &host->blocks[host->n_blocks++];
}

void
hosts_drop_block(struct host *host, struct host_block *block)
{
	*block = host->blocks[--host->n_blocks];
}
