/* test_l3_frag.c: a packet cut for any MTU is the same packet when put together again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/l3_frag.h"

#define MAX_FRAME 4200

struct frame {
	uint8_t data[MAX_FRAME];
	uint32_t len;
	struct pkt_info info;
};

/* A UDP packet with n bytes of payload and the options given. */
static void
make(struct frame *f, uint16_t n, const uint8_t *options, uint8_t n_options,
	uint16_t frag)
{
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(f->data + PKT_ETH_LEN);
	const uint16_t header = PKT_IP4_LEN + n_options;

	memset(f->data, 0, sizeof(f->data));
	f->data[12] = 0x08;
	*ip = (struct pkt_ip4){.ver_ihl = (uint8_t)(0x40 | header / 4),
		.total_len = htons((uint16_t)(header + n)),
		.id = htons(77),
		.frag_off = htons(frag),
		.ttl = 9,
		.proto = 99,
		.src = htonl(0x0a000001),
		.dst = htonl(0x0a000002)};
	if (n_options > 0)
		memcpy(ip + 1, options, n_options);
	for (unsigned i = 0; i < n; i++)
		f->data[PKT_ETH_LEN + header + i] = (uint8_t)(i * 7 + i / 256);
	csum_ip4_set(ip);
	f->len = PKT_ETH_LEN + header + n;
	assert_int_equal(pkt_parse(f->data, f->len, &f->info), PKT_OK);
}

/* Checks a fragment and lays its payload into whole. */
static void
lay(const uint8_t *data, uint32_t len, uint16_t mtu, uint8_t *whole, uint32_t *got,
	bool last)
{
	struct pkt_info info;
	const struct pkt_ip4 *ip = (const struct pkt_ip4 *)(data + PKT_ETH_LEN);

	assert_int_equal(pkt_parse(data, len, &info), PKT_OK);
	assert_true(len <= (uint32_t)mtu + PKT_ETH_LEN);
	assert_int_equal(info.end, len);
	assert_int_equal(info.frag_id, 77);
	assert_int_equal((ntohs(ip->frag_off) & PKT_IP4_MF) != 0, !last);
	memcpy(whole + info.frag_off, data + info.l4, info.end - info.l4);
	*got += (uint32_t)info.end - info.l4;
}

static void
check(struct frame *f, uint16_t mtu, bool more_follow)
{
	static uint8_t whole[1 << 16], out[MAX_FRAME], original[MAX_FRAME];
	const uint32_t payload = (uint32_t)f->info.end - f->info.l4;
	const struct l3_frag plan = l3_frag_plan(f->data, &f->info, mtu);
	uint32_t got = 0;

	memcpy(original, f->data + f->info.l4, payload);
	assert_true(plan.n > 1);
	for (unsigned i = 1; i < plan.n; i++)
		lay(out, l3_frag_write(&plan, f->data, i, out), mtu, whole, &got,
			i + 1u == plan.n && !more_follow);
	lay(f->data, l3_frag_trim(&plan, f->data), mtu, whole, &got, false);
	assert_int_equal(got, payload);
	assert_memory_equal(whole + f->info.frag_off, original, payload);
}

static void
test_frag_any_mtu_loses_nothing(void **state)
{
	static struct frame f;

	(void)state;
	for (uint16_t mtu = 68; mtu < 1500; mtu += 13) {
		make(&f, 4000, NULL, 0, 0);
		check(&f, mtu, false);
	}
}

static void
test_frag_of_a_fragment_keeps_offset_and_more(void **state)
{
	static struct frame f;

	(void)state;
	make(&f, 1600, NULL, 0, PKT_IP4_MF | 185);
	check(&f, 576, true);
	make(&f, 1601, NULL, 0, 185);
	check(&f, 576, false);
}

static void
test_frag_only_options_with_the_copy_bit_are_repeated(void **state)
{
	static const uint8_t options[12] = {7, 7, 4, 0, 0, 0,
		0,	       /* record route: not copied */
		0x94, 4, 0, 0, /* router alert: copied */
		0};
	static struct frame f;
	static uint8_t out[MAX_FRAME];
	struct pkt_info info;

	(void)state;
	make(&f, 1400, options, sizeof(options), 0);
	const struct l3_frag plan = l3_frag_plan(f.data, &f.info, 576);

	assert_int_equal(plan.header, 32);
	assert_int_equal(plan.later, 24);
	const uint32_t len = l3_frag_write(&plan, f.data, 1, out);

	assert_int_equal(pkt_parse(out, len, &info), PKT_OK);
	assert_memory_equal(out + PKT_ETH_LEN + PKT_IP4_LEN, "\x94\x04\x00\x00", 4);
	check(&f, 576, false);
}

static void
test_frag_refuses_what_it_cannot_cut(void **state)
{
	static struct frame f;

	(void)state;
	make(&f, 4000, NULL, 0, 0);
	assert_int_equal(l3_frag_plan(f.data, &f.info, 27).n, 0);
	assert_int_equal(
		l3_frag_plan(f.data, &f.info, 36).n, 0); /* more than L3_FRAG_MAX */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frag_any_mtu_loses_nothing),
		cmocka_unit_test(test_frag_of_a_fragment_keeps_offset_and_more),
		cmocka_unit_test(test_frag_only_options_with_the_copy_bit_are_repeated),
		cmocka_unit_test(test_frag_refuses_what_it_cannot_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
