/* Tests of private_mem: the table libraries build and look up without EAL, on memory of
 * this process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <rte_acl.h>
#include <rte_byteorder.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_malloc.h>
#include "dataplane/sdk/private_mem.h"

static bool
is_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static void
test_private_mem_is_zeroed_and_aligned(void **state)
{
	static const size_t sizes[] = {
		1, 100, 4096, PRIVATE_MEM_LARGE - 1, PRIVATE_MEM_LARGE, 5u << 20};
	static const unsigned aligns[] = {0, 64, 4096, 1u << 16};

	(void)state;
	for (size_t s = 0; s < RTE_DIM(sizes); s++)
		for (size_t a = 0; a < RTE_DIM(aligns); a++) {
			uint8_t *ptr = rte_malloc(NULL, sizes[s], aligns[a]);

			assert_non_null(ptr);
			assert_int_equal((uintptr_t)ptr % RTE_MAX(aligns[a], 64u), 0);
			assert_true(is_zero(ptr, sizes[s]));
			memset(ptr, 0xff, sizes[s]);
			rte_free(ptr);
		}
}

static void
test_private_mem_refuses_what_cannot_be(void **state)
{
	const volatile size_t huge =
		SIZE_MAX - 4; /* volatile: the compiler would refuse too */

	(void)state;
	assert_null(rte_malloc(NULL, 0, 0));
	assert_null(rte_malloc(NULL, 8, 96));
	assert_null(rte_malloc(NULL, huge, 0));
	assert_null(rte_calloc(NULL, huge / 2, 3, 0));
	rte_free(NULL);
}

static void
test_private_mem_realloc_keeps_content_and_zeroes_the_rest(void **state)
{
	uint8_t *ptr = rte_malloc(NULL, 100, 0);

	(void)state;
	memset(ptr, 7, 100);
	ptr = rte_realloc(ptr, PRIVATE_MEM_LARGE, 0);
	assert_non_null(ptr);
	assert_int_equal(ptr[99], 7);
	assert_true(is_zero(ptr + 100, PRIVATE_MEM_LARGE - 100));
	assert_null(rte_realloc(ptr, 0, 0));
}

static void
test_private_mem_zones_of_one_name_are_distinct(void **state)
{
	const struct rte_memzone *a = rte_memzone_reserve("zone", 100, SOCKET_ID_ANY, 0);
	const struct rte_memzone *b =
		rte_memzone_reserve_aligned("zone", 100, SOCKET_ID_ANY, 0, 4096);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_ptr_not_equal(a->addr, b->addr);
	assert_int_equal((uintptr_t)b->addr % 4096, 0);
	assert_string_equal(a->name, "zone");
	assert_int_equal(rte_memzone_free(a), 0);
	assert_int_equal(rte_memzone_free(b), 0);
	assert_null(rte_memzone_reserve("zone", 0, SOCKET_ID_ANY, 0));
}

/* ---- hash -------------------------------------------------------------------------- */

static void
check_hash(uint8_t flags)
{
	const struct rte_hash_parameters params = {.name = "test",
		.entries = 100000,
		.key_len = sizeof(uint64_t),
		.hash_func = rte_hash_crc,
		.extra_flag = flags};
	struct rte_hash *hash = rte_hash_create(&params);
	uint64_t keys[32];
	const void *key_ptrs[32];
	int32_t found[32];

	assert_non_null(hash);
	for (uint64_t key = 0; key < 50000; key++)
		assert_true(rte_hash_add_key(hash, &key) >= 0);
	for (unsigned i = 0; i < 32; i++) {
		keys[i] = 49984 + i;
		key_ptrs[i] = &keys[i];
	}
	assert_int_equal(rte_hash_lookup_bulk(hash, key_ptrs, 32, found), 0);
	for (unsigned i = 0; i < 32; i++)
		assert_true(i < 16 ? found[i] >= 0 : found[i] < 0);
	rte_hash_free(hash);
}

static void
test_private_mem_carries_rte_hash(void **state)
{
	(void)state;
	check_hash(0);
	check_hash(RTE_HASH_EXTRA_FLAGS_EXT_TABLE);
	check_hash(RTE_HASH_EXTRA_FLAGS_RW_CONCURRENCY_LF);
}

/* ---- fib --------------------------------------------------------------------------- */

static void
test_private_mem_carries_rte_fib(void **state)
{
	struct rte_fib_conf conf = {.type = RTE_FIB_DIR24_8,
		.default_nh = 0,
		.max_routes = 10000,
		.dir24_8 = {.nh_sz = RTE_FIB_DIR24_8_4B, .num_tbl8 = 256}};
	struct rte_fib *fib = rte_fib_create("test", SOCKET_ID_ANY, &conf);
	uint32_t addrs[3] = {RTE_IPV4(10, 1, 2, 3), RTE_IPV4(10, 1, 3, 3), 0xc0000201};
	uint64_t hops[3];

	(void)state;
	assert_non_null(fib);
	assert_int_equal(rte_fib_add(fib, RTE_IPV4(10, 0, 0, 0), 8, 1), 0);
	assert_int_equal(rte_fib_add(fib, RTE_IPV4(10, 1, 2, 3), 32, 2), 0);
	assert_int_equal(rte_fib_lookup_bulk(fib, addrs, hops, 3), 0);
	assert_int_equal(hops[0], 2);
	assert_int_equal(hops[1], 1);
	assert_int_equal(hops[2], 0);
	rte_fib_free(fib);
}

static void
test_private_mem_carries_rte_fib6(void **state)
{
	struct rte_fib6_conf conf = {.type = RTE_FIB6_TRIE,
		.default_nh = 0,
		.max_routes = 10000,
		.trie = {.nh_sz = RTE_FIB6_TRIE_4B, .num_tbl8 = 1024}};
	struct rte_fib6 *fib = rte_fib6_create("test", SOCKET_ID_ANY, &conf);
	uint8_t addrs[2][RTE_FIB6_IPV6_ADDR_SIZE] = {
		{0x20, 0x01, 0x0d, 0xb8, [15] = 1}, {0x20, 0x02}};
	uint64_t hops[2];

	(void)state;
	assert_non_null(fib);
	assert_int_equal(
		rte_fib6_add(fib, (uint8_t[16]){0x20, 0x01, 0x0d, 0xb8}, 32, 5), 0);
	assert_int_equal(rte_fib6_lookup_bulk(fib, addrs, hops, 2), 0);
	assert_int_equal(hops[0], 5);
	assert_int_equal(hops[1], 0);
	rte_fib6_free(fib);
}

/* ---- acl --------------------------------------------------------------------------- */

struct acl_key {
	uint8_t proto;
	uint8_t pad[3];
	uint32_t addr;
};

RTE_ACL_RULE_DEF(acl_rule, 2);

static const struct rte_acl_field_def acl_fields[2] = {
	{.type = RTE_ACL_FIELD_TYPE_BITMASK,
		.size = 1,
		.field_index = 0,
		.input_index = 0,
		.offset = offsetof(struct acl_key, proto)},
	{.type = RTE_ACL_FIELD_TYPE_MASK,
		.size = 4,
		.field_index = 1,
		.input_index = 1,
		.offset = offsetof(struct acl_key, addr)},
};

static void
add_acl_rule(struct rte_acl_ctx *acl, uint32_t number, uint32_t addr, uint32_t prefix_len)
{
	struct acl_rule rule = {.data = {.category_mask = 1,
					.priority = (int32_t)(1000 - number),
					.userdata = number}};

	rule.field[0].value.u8 = 17;
	rule.field[0].mask_range.u8 = 0xff;
	rule.field[1].value.u32 = addr;
	rule.field[1].mask_range.u32 = prefix_len;
	assert_int_equal(rte_acl_add_rules(acl, (struct rte_acl_rule *)&rule, 1), 0);
}

static void
test_private_mem_carries_rte_acl(void **state)
{
	const struct rte_acl_param param = {.name = "test",
		.socket_id = SOCKET_ID_ANY,
		.rule_size = RTE_ACL_RULE_SZ(2),
		.max_rule_num = 100};
	struct rte_acl_config config = {.num_categories = 1, .num_fields = 2};
	struct acl_key keys[3] = {{.proto = 17, .addr = rte_cpu_to_be_32(0x0a010203)},
		{.proto = 17, .addr = rte_cpu_to_be_32(0x0a020304)},
		{.proto = 6, .addr = rte_cpu_to_be_32(0x0a010203)}};
	const uint8_t *data[3] = {
		(uint8_t *)&keys[0], (uint8_t *)&keys[1], (uint8_t *)&keys[2]};
	uint32_t results[3];
	struct rte_acl_ctx *acl = rte_acl_create(&param);

	(void)state;
	assert_non_null(acl);
	add_acl_rule(acl, 1, 0x0a010000, 16);
	add_acl_rule(acl, 2, 0x0a000000, 8);
	memcpy(config.defs, acl_fields, sizeof(acl_fields));
	assert_int_equal(rte_acl_build(acl, &config), 0);
	assert_int_equal(rte_acl_classify(acl, data, results, 3, 1), 0);
	assert_int_equal(results[0], 1);
	assert_int_equal(results[1], 2);
	assert_int_equal(results[2], 0);
	rte_acl_free(acl);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_private_mem_is_zeroed_and_aligned),
		cmocka_unit_test(test_private_mem_refuses_what_cannot_be),
		cmocka_unit_test(
			test_private_mem_realloc_keeps_content_and_zeroes_the_rest),
		cmocka_unit_test(test_private_mem_zones_of_one_name_are_distinct),
		cmocka_unit_test(test_private_mem_carries_rte_hash),
		cmocka_unit_test(test_private_mem_carries_rte_fib),
		cmocka_unit_test(test_private_mem_carries_rte_fib6),
		cmocka_unit_test(test_private_mem_carries_rte_acl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
