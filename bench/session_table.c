/* session_table.c: lookups in the session table of the SDK against rte_hash, same keys,
 * same order, one run.
 *
 * Keys are looked up in bulks of 32 and the record found is touched, as a firewall or NAT
 * does. One JSON object per size of table and key; cycles are TSC cycles per lookup, the
 * median of the rounds. adoptNs: what a successor needs for each session that it takes
 * over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <rte_cycles.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include "dataplane/sdk/session.h"

#define BULK	32
#define ROUNDS	9
#define MAX_KEY 40

struct record {
	struct session head;
	uint8_t key[MAX_KEY];
	uint64_t packets;
	uint8_t rest[128 - sizeof(struct session) - MAX_KEY - 8];
};

static volatile uint64_t touched;

static void measure(uint32_t n, uint32_t key_size);
static uint8_t *make_keys(uint32_t n, uint32_t key_size);
static struct session_table *fill_table(
	const uint8_t *keys, uint32_t n, uint32_t key_size, void **region);
static struct rte_hash *fill_hash(
	const uint8_t *keys, uint32_t n, uint32_t key_size, struct record *records);
static double time_table(const struct session_table *table, const uint8_t *order,
	uint32_t n, uint32_t key_size);
static double time_hash(
	const struct rte_hash *hash, const uint8_t *order, uint32_t n, uint32_t key_size);
static double time_adopt(void *region, uint32_t n, uint32_t key_size);
static double median(double *values);
static void need(bool ok, const char *what);

int
main(void)
{
	static const uint32_t sizes[] = {1024, 65536, 1048576};
	for (unsigned i = 0; i < RTE_DIM(sizes); i++) {
		measure(sizes[i], sizeof(struct session_key4));
		measure(sizes[i], sizeof(struct session_key6));
	}
	return 0;
}

static void
measure(uint32_t n, uint32_t key_size)
{
	double ours[ROUNDS], theirs[ROUNDS], adopt[ROUNDS];
	void *region;
	uint8_t *keys = make_keys(n, key_size), *order = make_keys(n, key_size);
	struct record *records = calloc(n, sizeof(*records));
	need(records != NULL, "memory");
	struct session_table *table = fill_table(keys, n, key_size, &region);
	struct rte_hash *hash = fill_hash(keys, n, key_size, records);
	for (uint32_t i = 0; i < n; i++) /* looked up in another order than inserted */
		memcpy(order + (size_t)i * key_size,
			keys + (size_t)((i * 2654435761u) & (n - 1)) * key_size,
			key_size);
	for (unsigned r = 0; r < ROUNDS; r++) {
		ours[r] = time_table(table, order, n, key_size);
		theirs[r] = time_hash(hash, order, n, key_size);
	}
	session_close(table);
	for (unsigned r = 0; r < ROUNDS; r++)
		adopt[r] = time_adopt(region, n, key_size);
	const double mine = median(ours), other = median(theirs);
	printf("{\"bench\": \"session-table\", \"sessions\": %u, \"keyBytes\": %u, "
	       "\"bulk\": %u, \"cyclesPerLookup\": %.1f, \"adoptNs\": %.1f, \"baseline\": {\"name\": "
	       "\"rte_hash\", \"cyclesPerLookup\": %.1f}, \"ratio\": %.2f}\n",
		n, key_size, (unsigned)BULK, mine, median(adopt), other, other / mine);
	rte_hash_free(hash);
	free(region);
	free(records);
	free(keys);
	free(order);
}

static uint8_t *
make_keys(uint32_t n, uint32_t key_size)
{
	uint8_t *keys = calloc(n, key_size);
	uint64_t x = 88172645463325252ull;
	need(keys != NULL, "memory");
	for (uint32_t i = 0; i < n; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		memcpy(keys + (size_t)i * key_size, &x, sizeof(x));
		memcpy(keys + (size_t)i * key_size + 8, &i, sizeof(i));
	}
	return keys;
}

static struct session_table *
fill_table(const uint8_t *keys, uint32_t n, uint32_t key_size, void **region)
{
	const struct session_spec spec = {.record_size = sizeof(struct record),
		.key_size = key_size,
		.n_keys = 1,
		.version = 1};
	const size_t size = session_region_size(&spec, n);
	struct session_table *table;
	*region = aligned_alloc(2u << 20, RTE_ALIGN_CEIL(size, 2u << 20));
	need(*region != NULL, "memory");
	memset(*region, 0, size);
	need(session_open(&table, &spec, *region, size, 42, 0, NULL) == 0,
		"session_open");
	for (uint32_t i = 0; i < n; i++) {
		session_ref ref = session_new(table);
		need(ref != SESSION_NONE, "session_new");
		struct record *record = session_record(table, ref);
		memcpy(record->key, keys + (size_t)i * key_size, key_size);
		need(session_commit(table, ref, UINT64_MAX / 2) == 0, "session_commit");
	}
	return table;
}

static struct rte_hash *
fill_hash(const uint8_t *keys, uint32_t n, uint32_t key_size, struct record *records)
{
	const struct rte_hash_parameters parameters = {.name = "bench",
		.entries = n * 2,
		.key_len = key_size,
		.hash_func = rte_hash_crc,
		.socket_id = 0};
	struct rte_hash *hash = rte_hash_create(&parameters);
	need(hash != NULL, "rte_hash_create");
	for (uint32_t i = 0; i < n; i++)
		need(rte_hash_add_key_data(
			     hash, keys + (size_t)i * key_size, &records[i]) == 0,
			"rte_hash_add_key_data");
	return hash;
}

static double
time_table(const struct session_table *table, const uint8_t *order, uint32_t n,
	uint32_t key_size)
{
	session_ref refs[BULK];
	uint64_t sum = 0;
	const uint64_t start = rte_rdtsc();
	for (uint32_t i = 0; i < n; i += BULK) {
		session_find_bulk(table, order + (size_t)i * key_size, BULK, refs);
		for (unsigned k = 0; k < BULK; k++)
			sum += ((struct record *)session_record(table, refs[k]))
				       ->packets++;
	}
	touched = sum;
	return (double)(rte_rdtsc() - start) / n;
}

static double
time_hash(
	const struct rte_hash *hash, const uint8_t *order, uint32_t n, uint32_t key_size)
{
	const void *keys[BULK];
	void *data[BULK];
	uint64_t hits, sum = 0;
	const uint64_t start = rte_rdtsc();
	for (uint32_t i = 0; i < n; i += BULK) {
		for (unsigned k = 0; k < BULK; k++)
			keys[k] = order + (size_t)(i + k) * key_size;
		need(rte_hash_lookup_bulk_data(hash, keys, BULK, &hits, data) == BULK,
			"a hit each");
		for (unsigned k = 0; k < BULK; k++)
			sum += ((struct record *)data[k])->packets++;
	}
	touched = sum;
	return (double)(rte_rdtsc() - start) / n;
}

static double
time_adopt(void *region, uint32_t n, uint32_t key_size)
{
	const struct session_spec spec = {.record_size = sizeof(struct record),
		.key_size = key_size,
		.n_keys = 1,
		.version = 1};
	struct session_table *table;
	need(session_prepare(
		     &table, &spec, region, session_region_size(&spec, n), 42, NULL) == 0,
		"session_prepare");
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	session_adopt(table, 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	const double ns = ((double)(end.tv_sec - start.tv_sec) * 1e9 +
				  (double)(end.tv_nsec - start.tv_nsec)) /
			  n;
	need(session_count(table) == n, "every session taken over");
	session_close(table);
	return ns;
}

static double
median(double *values)
{
	for (unsigned i = 1; i < ROUNDS; i++)
		for (unsigned k = i; k > 0 && values[k] < values[k - 1]; k--) {
			const double swap = values[k];
			values[k] = values[k - 1];
			values[k - 1] = swap;
		}
	return values[ROUNDS / 2];
}

static void
need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "session_table: %s failed\n", what);
	exit(1);
}
