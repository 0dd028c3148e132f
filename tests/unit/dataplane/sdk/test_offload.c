/* What counts against an MTU, and what is left to be done, of a packet that its sender
 * did not finish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"
#include "dataplane/sdk/offload.h"

#define L4	(PKT_ETH_LEN + PKT_IP4_LEN)
#define HEADERS (PKT_IP4_LEN + PKT_TCP_LEN)

static uint8_t frame[40000];
static struct rte_mbuf pkt;
static struct pkt_info info;

static void
make(uint8_t proto, uint32_t payload, uint64_t flags)
{
	const uint16_t len = proto == PKT_PROTO_TCP ? PKT_TCP_LEN : PKT_UDP_LEN;
	const struct pkt_ip4 ip = {.ver_ihl = 0x45,
		.total_len = htons((uint16_t)(PKT_IP4_LEN + len + payload)),
		.ttl = 9,
		.proto = proto,
		.src = htonl(0x0a000001),
		.dst = htonl(0x0a000002)};
	const struct pkt_tcp tcp = {.off = PKT_TCP_LEN / 4 << 4};
	const struct pkt_udp udp = {.len = htons((uint16_t)(len + payload))};

	memset(frame, 7, sizeof(frame));
	((struct pkt_eth *)frame)->type = htons(PKT_ETH_IPV4);
	memcpy(frame + PKT_ETH_LEN, &ip, sizeof(ip));
	csum_ip4_set(frame + PKT_ETH_LEN);
	if (proto == PKT_PROTO_TCP)
		memcpy(frame + L4, &tcp, sizeof(tcp));
	else
		memcpy(frame + L4, &udp, sizeof(udp));
	assert_int_equal(pkt_parse(frame, L4 + len + payload, &info), PKT_OK);
	pkt = (struct rte_mbuf){.ol_flags = flags};
}

static void
test_offload_wire_len_of_what_is_to_be_cut_is_that_of_a_segment(void **state)
{
	(void)state;
	make(PKT_PROTO_TCP, 30000, RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM);
	pkt.tso_segsz = 1460;
	assert_int_equal(offload_wire_len(&pkt, frame, &info), 1500);
	make(PKT_PROTO_UDP, 30000, RTE_MBUF_F_TX_UDP_SEG | RTE_MBUF_F_TX_UDP_CKSUM);
	pkt.tso_segsz = 1000;
	assert_int_equal(offload_wire_len(&pkt, frame, &info), 1028);
	make(PKT_PROTO_TCP, 100, RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM);
	pkt.tso_segsz = 1460;
	assert_int_equal(offload_wire_len(&pkt, frame, &info), HEADERS + 100);
}

static void
test_offload_wire_len_of_any_other_is_its_own(void **state)
{
	(void)state;
	make(PKT_PROTO_TCP, 8000, 0);
	pkt.tso_segsz = 1460; /* of a packet before */
	assert_int_equal(offload_wire_len(&pkt, frame, &info), HEADERS + 8000);
}

static void
test_offload_shrinks_segments_of_tcp_only(void **state)
{
	(void)state;
	make(PKT_PROTO_TCP, 30000, RTE_MBUF_F_TX_TCP_SEG);
	pkt.tso_segsz = 1460;
	assert_true(offload_shrink(&pkt, frame, &info, 1400));
	assert_int_equal(offload_wire_len(&pkt, frame, &info), 1400);
	assert_false(offload_shrink(&pkt, frame, &info, HEADERS));
	make(PKT_PROTO_UDP, 30000, RTE_MBUF_F_TX_UDP_SEG);
	assert_false(offload_shrink(&pkt, frame, &info, 1400));
}

static void
test_offload_finish_writes_the_checksum_once(void **state)
{
	(void)state;
	make(PKT_PROTO_TCP, 500, RTE_MBUF_F_TX_TCP_CKSUM | 1);
	assert_true(offload_is_partial(&pkt));
	offload_finish(&pkt, frame, &info);
	assert_true(csum_l4_ok(frame, &info));
	assert_int_equal(pkt.ol_flags, 1);
	frame[L4 + PKT_TCP_LEN]++; /* what is complete is its sender's */
	offload_finish(&pkt, frame, &info);
	assert_false(csum_l4_ok(frame, &info));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_offload_wire_len_of_what_is_to_be_cut_is_that_of_a_segment),
		cmocka_unit_test(test_offload_wire_len_of_any_other_is_its_own),
		cmocka_unit_test(test_offload_shrinks_segments_of_tcp_only),
		cmocka_unit_test(test_offload_finish_writes_the_checksum_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
