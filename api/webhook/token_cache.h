/* token_cache.h: OAuth 2.0 access tokens that are kept as long as they are good. Any
 * thread; who asks says what time it is. */
#ifndef API_WEBHOOK_TOKEN_CACHE_H
#define API_WEBHOOK_TOKEN_CACHE_H

#include <stdint.h>

#define TOKEN_CACHE_SIZE 64    /* the one that ends first makes place */
#define TOKEN_MARGIN_S	 5     /* of an answer on its way */
#define TOKEN_MAX_S	 86400 /* none is kept longer, whatever is said of it */

struct token_cache;

struct token_cache *token_cache_create(void); /* null: out of memory */
void token_cache_destroy(struct token_cache *cache);

/* The token of a key, for the caller to free; null: there is none, or it has ended. */
char *token_cache_get(struct token_cache *cache, const char *key, int64_t now_ms);
/* Keeps it for expires_s seconds (TOKEN_MAX_S at most) but TOKEN_MARGIN_S; 0 and less:
 * not at all. */
void token_cache_put(struct token_cache *cache, const char *key, const char *token,
	int64_t expires_s, int64_t now_ms);
void token_cache_drop(struct token_cache *cache, const char *key);

#endif
