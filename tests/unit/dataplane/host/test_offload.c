/* What a kernel leaves to a port is kept on the way, and told or done where it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include "dataplane/host/buffer.h"
#include "dataplane/host/offload.h"
#include "dataplane/pkt/csum.h"
#include "dataplane/pkt/hdr.h"

#define L4	  (PKT_ETH_LEN + PKT_IP4_LEN)
#define HEADERS	  (L4 + PKT_TCP_LEN)
#define FRAME_MAX 1522

static struct {
	struct rte_mbuf buffer;
	uint8_t data[BUFFER_LARGE_ROOM];
} room;
static struct rte_mbuf *const buffer = &room.buffer;
static uint8_t *const frame = room.data;

/* A TCP segment of payload bytes as a kernel leaves it; says how. */
static struct virtio_net_hdr
make(uint32_t payload, uint16_t gso_size)
{
	const struct virtio_net_hdr left = {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = L4,
		.csum_offset = offsetof(struct pkt_tcp, csum),
		.gso_type =
			gso_size > 0 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_NONE,
		.gso_size = gso_size,
		.hdr_len = HEADERS};
	const struct pkt_tcp tcp = {.sport = htons(5000),
		.dport = htons(80),
		.off = PKT_TCP_LEN / 4 << 4,
		.flags = PKT_TCP_ACK};
	const struct pkt_ip4 ip = {.ver_ihl = 0x45,
		.total_len = htons((uint16_t)(PKT_IP4_LEN + PKT_TCP_LEN + payload)),
		.ttl = 64,
		.proto = PKT_PROTO_TCP,
		.src = htonl(0x0a000001),
		.dst = htonl(0x0a000002)};

	memset(&room, 0, HEADERS + sizeof(room.buffer));
	for (uint32_t i = 0; i < payload; i++)
		frame[HEADERS + i] = (uint8_t)(i * 3);
	((struct pkt_eth *)frame)->type = htons(PKT_ETH_IPV4);
	memcpy(frame + PKT_ETH_LEN, &ip, sizeof(ip));
	csum_ip4_set(frame + PKT_ETH_LEN);
	memcpy(frame + L4, &tcp, sizeof(tcp));
	buffer->buf_addr = frame;
	buffer->data_len = (uint16_t)(HEADERS + payload);
	buffer->pkt_len = buffer->data_len;
	return left;
}

static struct pkt_info
parse(void)
{
	struct pkt_info info;

	assert_int_equal(pkt_parse(frame, buffer->data_len, &info), PKT_OK);
	return info;
}

static void
test_offload_says_what_was_said_when_nothing_changed(void **state)
{
	const struct virtio_net_hdr left = make(64000, 1448);
	struct virtio_net_hdr say;

	(void)state;
	assert_true(offload_take(&left, buffer));
	assert_true(offload_ready(buffer, FRAME_MAX));
	offload_say(buffer, &say);
	assert_memory_equal(&left, &say, sizeof(say));
}

static void
test_offload_follows_headers_that_were_rewritten(void **state)
{
	const struct virtio_net_hdr left = make(1000, 0);
	struct pkt_ip4 *ip = (struct pkt_ip4 *)(frame + PKT_ETH_LEN);
	struct pkt_info info;
	uint16_t field, want;

	(void)state;
	assert_true(offload_take(&left, buffer));
	ip->src = htonl(0xcb007102);
	csum_ip4_set(ip);
	assert_true(offload_ready(buffer, FRAME_MAX));
	info = parse();
	want = (uint16_t)~csum_finish(
		csum_pseudo(4, info.src, info.dst, PKT_PROTO_TCP, PKT_TCP_LEN + 1000));
	memcpy(&field, frame + L4 + offsetof(struct pkt_tcp, csum), sizeof(field));
	assert_int_equal(field, want);
	offload_finish(buffer);
	assert_true(csum_l4_ok(frame, &info));
	assert_int_equal(buffer->ol_flags, 0);
}

static void
test_offload_says_nothing_of_a_frame_with_nothing_left(void **state)
{
	const struct virtio_net_hdr none = {0};
	struct virtio_net_hdr say;

	(void)state;
	make(100, 0);
	assert_true(offload_take(&none, buffer));
	offload_say(buffer, &say);
	assert_memory_equal(&none, &say, sizeof(say));
}

static void
test_offload_refuses_segments_that_no_link_carries(void **state)
{
	const struct virtio_net_hdr left = make(20000, 9000);
	struct segment_plan plan;

	(void)state;
	assert_true(offload_take(&left, buffer));
	assert_false(offload_ready(buffer, FRAME_MAX));
	assert_false(offload_plan(buffer, FRAME_MAX, &plan));
}

/* A tunnel: the checksum is that of a header inside. */
static void
test_offload_computes_a_checksum_that_is_not_the_outermost(void **state)
{
	struct virtio_net_hdr left = make(1000, 0);
	uint16_t before;

	(void)state;
	left.csum_start += 100;
	memcpy(&before, frame + left.csum_start + left.csum_offset, sizeof(before));
	assert_true(offload_take(&left, buffer));
	assert_int_equal(buffer->ol_flags, 0);
	assert_int_equal(csum_finish(csum_add(before, frame + left.csum_start,
				 (size_t)buffer->data_len - left.csum_start)),
		0);
	left.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	left.gso_size = 500;
	assert_false(offload_take(&left, buffer));
}

static void
test_offload_of_what_became_another_packet_is_forgotten(void **state)
{
	const struct virtio_net_hdr left = make(500, 0);

	(void)state;
	assert_true(offload_take(&left, buffer));
	frame[PKT_ETH_LEN + offsetof(struct pkt_ip4, proto)] = PKT_PROTO_ICMP;
	csum_ip4_set(frame + PKT_ETH_LEN);
	assert_true(offload_ready(buffer, FRAME_MAX));
	assert_int_equal(buffer->ol_flags, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offload_says_what_was_said_when_nothing_changed),
		cmocka_unit_test(test_offload_follows_headers_that_were_rewritten),
		cmocka_unit_test(test_offload_says_nothing_of_a_frame_with_nothing_left),
		cmocka_unit_test(test_offload_refuses_segments_that_no_link_carries),
		cmocka_unit_test(
			test_offload_computes_a_checksum_that_is_not_the_outermost),
		cmocka_unit_test(test_offload_of_what_became_another_packet_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
