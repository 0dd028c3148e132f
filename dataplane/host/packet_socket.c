/* packet_socket.c: an AF_PACKET socket on an interface. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include "dataplane/host/packet_socket.h"

#define FRAME_SIZE 2048
#define FRAMES	   2048
#define BLOCK_SIZE (64 * FRAME_SIZE)
#define RING_SIZE  ((size_t)FRAMES * FRAME_SIZE)
#define BURST	   64

static int set_up(const struct packet_socket *socket, struct err *err);
static int set_option(const struct packet_socket *socket, int option, int value,
	const char *what, struct err *err);
static int start(
	const struct packet_socket *socket, const char *interface, struct err *err);
static struct tpacket2_hdr *header(const struct packet_socket *socket, uint32_t frame);

int
packet_socket_open(struct packet_socket *out, const char *interface, struct err *err)
{
	struct packet_socket sock = {.ring = MAP_FAILED};
	int rc;

	/* Protocol 0: nothing is received, and no ring changed under traffic, before
	 * bind(). */
	sock.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock.fd < 0)
		return err_sys(err, errno, "cannot open a packet socket");
	rc = set_up(&sock, err);
	if (rc == 0) {
		sock.ring = mmap(
			NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, sock.fd, 0);
		rc = sock.ring == MAP_FAILED
			     ? err_sys(err, errno, "cannot map a packet socket's ring")
			     : start(&sock, interface, err);
	}
	if (rc < 0) {
		packet_socket_close(&sock);
		return rc;
	}
	*out = sock;
	return 0;
}

void
packet_socket_close(struct packet_socket *socket)
{
	if (socket->ring != MAP_FAILED)
		munmap(socket->ring, RING_SIZE);
	close(socket->fd);
}

uint32_t
packet_socket_waiting(const struct packet_socket *socket, uint32_t max)
{
	uint32_t n = 0;

	while (n < max && __atomic_load_n(&header(socket, socket->next + n)->tp_status,
				  __ATOMIC_ACQUIRE) &
				  TP_STATUS_USER)
		n++;
	return n;
}

void
packet_socket_peek(const struct packet_socket *socket, struct packet_frame *frame)
{
	const struct tpacket2_hdr *head = header(socket, socket->next);

	frame->data = (const uint8_t *)head + head->tp_mac;
	frame->len = head->tp_snaplen;
	frame->len_was = head->tp_len;
	frame->partial_csum = (head->tp_status & TP_STATUS_CSUMNOTREADY) != 0;
	frame->tagged = (head->tp_status & TP_STATUS_VLAN_VALID) != 0;
	frame->tci = head->tp_vlan_tci;
	frame->tpid = head->tp_status & TP_STATUS_VLAN_TPID_VALID ? head->tp_vlan_tpid
								  : ETH_P_8021Q;
}

void
packet_socket_release(struct packet_socket *socket)
{
	__atomic_store_n(&header(socket, socket->next)->tp_status, TP_STATUS_KERNEL,
		__ATOMIC_RELEASE);
	socket->next = (socket->next + 1) % FRAMES;
}

int
packet_socket_send(
	struct packet_socket *socket, struct rte_mbuf *const *buffers, uint32_t n)
{
	struct mmsghdr messages[BURST] = {0};
	struct iovec pieces[BURST];
	int sent;

	if (n > BURST)
		n = BURST;
	for (uint32_t i = 0; i < n; i++) {
		pieces[i].iov_base = rte_pktmbuf_mtod(buffers[i], void *);
		pieces[i].iov_len = buffers[i]->data_len;
		messages[i].msg_hdr.msg_iov = &pieces[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(socket->fd, messages, n, MSG_DONTWAIT);
	if (sent >= 0)
		return sent;
	return errno == EMSGSIZE ? -EMSGSIZE : 0;
}

uint64_t
packet_socket_missed(struct packet_socket *socket)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	if (getsockopt(socket->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		socket->missed += stats.tp_drops;
	return socket->missed;
}

static int
set_up(const struct packet_socket *socket, struct err *err)
{
	const struct tpacket_req request = {.tp_block_size = BLOCK_SIZE,
		.tp_block_nr = RING_SIZE / BLOCK_SIZE,
		.tp_frame_size = FRAME_SIZE,
		.tp_frame_nr = FRAMES};
	int rc = set_option(socket, PACKET_VERSION, TPACKET_V2, "version", err);

	if (rc == 0)
		rc = set_option(
			socket, PACKET_IGNORE_OUTGOING, 1, "ignore-outgoing", err);
	if (rc == 0)
		rc = set_option(socket, PACKET_QDISC_BYPASS, 1, "qdisc-bypass", err);
	if (rc == 0 && setsockopt(socket->fd, SOL_PACKET, PACKET_RX_RING, &request,
			       sizeof(request)) < 0)
		rc = err_sys(err, errno, "cannot make a packet socket's ring");
	return rc;
}

static int
set_option(const struct packet_socket *socket, int option, int value, const char *what,
	struct err *err)
{
	if (setsockopt(socket->fd, SOL_PACKET, option, &value, sizeof(value)) == 0)
		return 0;
	return err_sys(err, errno, "a packet socket refuses option %s", what);
}

static int
start(const struct packet_socket *socket, const char *interface, struct err *err)
{
	const struct sockaddr_ll address = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(interface)};

	if (bind(socket->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	return err_sys(err, errno, "cannot bind a packet socket to %s", interface);
}

static struct tpacket2_hdr *
header(const struct packet_socket *socket, uint32_t frame)
{
	return (struct tpacket2_hdr *)(socket->ring +
				       (size_t)(frame % FRAMES) * FRAME_SIZE);
}
