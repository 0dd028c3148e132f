/* account.c: numbers for counters; see account.h. */
#include "vnfs/firewall/account.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int find_free(struct accounts *accounts, uint32_t *id);
static int grow(struct accounts *accounts);

struct accounts *
accounts_create(void)
{
	struct accounts *accounts = calloc(1, sizeof(*accounts));

	if (accounts == NULL)
		return NULL;
	accounts->ids = json_object();
	accounts->look = ACCOUNT_FIXED;
	if (accounts->ids == NULL || grow(accounts) < 0) {
		accounts_destroy(accounts);
		return NULL;
	}
	return accounts;
}

void
accounts_destroy(struct accounts *accounts)
{
	if (accounts == NULL)
		return;
	json_decref(accounts->ids);
	for (uint32_t i = 0; i < accounts->n / ACCOUNT_CHUNK; i++)
		free(accounts->chunks[i]);
	free(accounts);
}

int
accounts_acquire(struct accounts *accounts, const char *name, uint32_t *id)
{
	const json_t *known = json_object_get(accounts->ids, name);
	struct account *account;

	if (known != NULL) {
		*id = json_integer_value(known);
		account_at(accounts, *id)->users++;
		return 0;
	}
	if (find_free(accounts, id) < 0 ||
		json_object_set_new(accounts->ids, name, json_integer(*id)) < 0)
		return -ENOMEM;
	account = account_at(accounts, *id);
	*account = (struct account){.users = 1, .tag = account_tag(name)};
	strncpy(account->name, name, sizeof(account->name) - 1);
	return 0;
}

void
accounts_share(struct accounts *accounts, uint32_t id)
{
	account_at(accounts, id)->users++;
}

/* The first without users and holders. While it has no user no session can come to hold
 * it. */
static int
find_free(struct accounts *accounts, uint32_t *id)
{
	for (uint32_t looked = ACCOUNT_FIXED; looked < accounts->n; looked++) {
		struct account *account = account_at(accounts, accounts->look);

		*id = accounts->look;
		accounts->look = accounts->look + 1 < accounts->n ? accounts->look + 1
								  : ACCOUNT_FIXED;
		if (account->users == 0 &&
			__atomic_load_n(&account->holders, __ATOMIC_ACQUIRE) == 0)
			return 0;
	}
	accounts->look = accounts->n;
	if (grow(accounts) < 0) {
		accounts->look = ACCOUNT_FIXED;
		return -ENOMEM;
	}
	*id = accounts->look++;
	return 0;
}

static int
grow(struct accounts *accounts)
{
	uint32_t chunk = accounts->n / ACCOUNT_CHUNK;

	if (chunk == ACCOUNT_CHUNKS)
		return -ENOMEM;
	accounts->chunks[chunk] = aligned_alloc(
		alignof(struct account), ACCOUNT_CHUNK * sizeof(struct account));
	if (accounts->chunks[chunk] == NULL)
		return -ENOMEM;
	memset(accounts->chunks[chunk], 0, ACCOUNT_CHUNK * sizeof(struct account));
	accounts->n += ACCOUNT_CHUNK;
	return 0;
}

void
accounts_release(struct accounts *accounts, uint32_t id)
{
	struct account *account = account_at(accounts, id);

	if (--account->users > 0)
		return;
	json_object_del(accounts->ids, account->name);
	account->name[0] = '\0';
}

/* The worker's counters are its own, so their values are remembered instead. */
void
account_reset(struct account *account)
{
	account->reset_packets = __atomic_load_n(&account->packets, __ATOMIC_RELAXED);
	account->reset_bytes = __atomic_load_n(&account->bytes, __ATOMIC_RELAXED);
}

struct account_counts
account_read(const struct account *account)
{
	return (struct account_counts){
		__atomic_load_n(&account->packets, __ATOMIC_RELAXED) -
			account->reset_packets,
		__atomic_load_n(&account->bytes, __ATOMIC_RELAXED) -
			account->reset_bytes};
}

uint32_t
account_tag(const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (; *name != '\0'; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash;
}
