/* token_cache.c: see token_cache.h. */
#include "api/webhook/token_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct token_cache {
	pthread_mutex_t lock;
	struct entry {
		char *key, *token; /* null: a free place */
		int64_t until_ms;
	} entries[TOKEN_CACHE_SIZE];
};

static struct entry *find(struct token_cache *cache, const char *key);
static struct entry *place(struct token_cache *cache);
static void forget(struct entry *entry);

struct token_cache *
token_cache_create(void)
{
	struct token_cache *cache = calloc(1, sizeof(*cache));
	if (cache)
		pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

void
token_cache_destroy(struct token_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < TOKEN_CACHE_SIZE; i++)
		forget(&cache->entries[i]);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

char *
token_cache_get(struct token_cache *cache, const char *key, int64_t now_ms)
{
	char *token = NULL;
	pthread_mutex_lock(&cache->lock);
	struct entry *entry = find(cache, key);
	if (entry && entry->until_ms > now_ms)
		token = strdup(entry->token);
	else if (entry)
		forget(entry);
	pthread_mutex_unlock(&cache->lock);
	return token;
}

void
token_cache_put(struct token_cache *cache, const char *key, const char *token,
	int64_t expires_s, int64_t now_ms)
{
	if (expires_s <= TOKEN_MARGIN_S)
		return;
	if (expires_s > TOKEN_MAX_S)
		expires_s = TOKEN_MAX_S;
	pthread_mutex_lock(&cache->lock);
	struct entry *entry = find(cache, key);
	if (!entry)
		entry = place(cache);
	forget(entry);
	entry->key = strdup(key);
	entry->token = strdup(token);
	entry->until_ms = now_ms + (expires_s - TOKEN_MARGIN_S) * 1000;
	if (!entry->key || !entry->token)
		forget(entry);
	pthread_mutex_unlock(&cache->lock);
}

void
token_cache_drop(struct token_cache *cache, const char *key)
{
	pthread_mutex_lock(&cache->lock);
	struct entry *entry = find(cache, key);
	if (entry)
		forget(entry);
	pthread_mutex_unlock(&cache->lock);
}

static struct entry *
find(struct token_cache *cache, const char *key)
{
	for (size_t i = 0; i < TOKEN_CACHE_SIZE; i++)
		if (cache->entries[i].key && strcmp(cache->entries[i].key, key) == 0)
			return &cache->entries[i];
	return NULL;
}

/* A free one, or that which ends first. */
static struct entry *
place(struct token_cache *cache)
{
	struct entry *first = &cache->entries[0];
	for (size_t i = 0; i < TOKEN_CACHE_SIZE; i++) {
		struct entry *entry = &cache->entries[i];
		if (!entry->key)
			return entry;
		if (entry->until_ms < first->until_ms)
			first = entry;
	}
	return first;
}

static void
forget(struct entry *entry)
{
	free(entry->key);
	free(entry->token);
	*entry = (struct entry){0};
}
