/* test_token_cache.c: tokens are kept as long as they are good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "api/webhook/token_cache.h"

static const char *
get(struct token_cache *cache, const char *key, int64_t now_ms)
{
	static char text[32];
	char *token = token_cache_get(cache, key, now_ms);
	snprintf(text, sizeof(text), "%s", token ? token : "none");
	free(token);
	return text;
}

static void
test_token_is_kept_until_shortly_before_it_ends(void **state)
{
	(void)state;
	struct token_cache *cache = token_cache_create();
	assert_string_equal(get(cache, "a", 0), "none");
	token_cache_put(cache, "a", "one", 60, 1000);
	assert_string_equal(get(cache, "a", 1000), "one");
	assert_string_equal(get(cache, "b", 1000), "none");
	assert_string_equal(
		get(cache, "a", 1000 + (60 - TOKEN_MARGIN_S) * 1000 - 1), "one");
	assert_string_equal(get(cache, "a", 1000 + (60 - TOKEN_MARGIN_S) * 1000), "none");
	token_cache_put(cache, "a", "long", INT64_MAX, 1000);
	assert_string_equal(get(cache, "a", 1000), "long");
	assert_string_equal(get(cache, "a", 1000 + TOKEN_MAX_S * 1000LL), "none");
	token_cache_put(cache, "a", "two", 60, 2000);
	token_cache_put(cache, "a", "three", 90, 2000);
	assert_string_equal(get(cache, "a", 2000), "three");
	token_cache_drop(cache, "a");
	assert_string_equal(get(cache, "a", 2000), "none");
	token_cache_destroy(cache);
}

static void
test_token_that_does_not_say_how_long_is_not_kept(void **state)
{
	(void)state;
	struct token_cache *cache = token_cache_create();
	token_cache_put(cache, "a", "one", 0, 0);
	token_cache_put(cache, "b", "one", -1, 0);
	token_cache_put(cache, "c", "one", TOKEN_MARGIN_S, 0);
	assert_string_equal(get(cache, "a", 0), "none");
	assert_string_equal(get(cache, "b", 0), "none");
	assert_string_equal(get(cache, "c", 0), "none");
	token_cache_destroy(cache);
}

static void
test_token_that_ends_first_makes_place(void **state)
{
	(void)state;
	struct token_cache *cache = token_cache_create();
	char key[16];
	for (int i = 0; i <= TOKEN_CACHE_SIZE; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		token_cache_put(cache, key, key, i == 7 ? 10 : 100 + i, 0);
	}
	assert_string_equal(get(cache, "k7", 0), "none");
	assert_string_equal(get(cache, "k0", 0), "k0");
	assert_string_equal(get(cache, key, 0), key);
	token_cache_destroy(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_token_is_kept_until_shortly_before_it_ends),
		cmocka_unit_test(test_token_that_does_not_say_how_long_is_not_kept),
		cmocka_unit_test(test_token_that_ends_first_makes_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
