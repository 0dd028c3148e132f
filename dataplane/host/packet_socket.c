/* packet_socket.c: an AF_PACKET socket on an interface. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include "dataplane/host/packet_socket.h"

#define RECEIVE_BYTES (16 << 20) /* that the kernel may hold for us */
#define PIECES	      3 /* of a message: what is left to be done, and two of data */

#define STRAYS 65536 /* frames that a socket may have got before it joined a group */

#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING /* of Linux 5.19 */
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif

union control { /* room for what stands beside a frame */
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
};

static int set_up(const struct packet_socket *socket, struct err *err);
static int set_option(const struct packet_socket *socket, int level, int option,
	int value, const char *what, struct err *err);
static int start(const struct packet_socket *socket, const char *interface,
	uint16_t protocol, struct err *err);
static void describe(
	struct packet_frame *frame, struct msghdr *message, struct iovec *pieces);
static void read_tag(struct packet_frame *frame, struct msghdr *message);

int
packet_socket_open(struct packet_socket *out, const char *interface, bool sends_only,
	struct err *err)
{
	struct packet_socket sock = {0};
	int rc;

	/* Protocol 0: nothing is received before bind(). */
	sock.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock.fd < 0)
		return err_sys(err, errno, "cannot open a packet socket");
	rc = set_up(&sock, err);
	if (rc == 0)
		rc = start(&sock, interface, sends_only ? 0 : ETH_P_ALL, err);
	if (rc < 0) {
		packet_socket_close(&sock);
		return rc;
	}
	*out = sock;
	return 0;
}

/* What came between bind(2) and joining is forgotten: the others have it, too. */
int
packet_socket_join(struct packet_socket *socket, int *group, struct err *err)
{
	const int how = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_IGNORE_OUTGOING;
	const int which = *group < 0 ? PACKET_FANOUT_FLAG_UNIQUEID << 16 : *group;
	socklen_t len = sizeof(*group);
	struct virtio_net_hdr front;
	int rc = set_option(
		socket, SOL_PACKET, PACKET_FANOUT, how << 16 | which, "fanout", err);

	if (rc < 0)
		return rc;
	if (*group < 0 && getsockopt(socket->fd, SOL_PACKET, PACKET_FANOUT, group, &len))
		return err_sys(err, errno, "a packet socket does not tell its group");
	*group &= UINT16_MAX;
	for (unsigned i = 0;
		i < STRAYS && recv(socket->fd, &front, sizeof(front), MSG_DONTWAIT) > 0;
		i++)
		;
	return 0;
}

void
packet_socket_close(struct packet_socket *socket)
{
	close(socket->fd);
}

uint32_t
packet_socket_receive(
	struct packet_socket *socket, struct packet_frame *frames, uint32_t n)
{
	struct mmsghdr messages[PACKET_SOCKET_BURST];
	struct iovec pieces[PACKET_SOCKET_BURST][PIECES];
	union control controls[PACKET_SOCKET_BURST];
	int received;

	for (uint32_t i = 0; i < n; i++) {
		describe(&frames[i], &messages[i].msg_hdr, pieces[i]);
		messages[i].msg_hdr.msg_control = &controls[i];
		messages[i].msg_hdr.msg_controllen = sizeof(controls[i]);
	}
	received = recvmmsg(socket->fd, messages, n, MSG_DONTWAIT | MSG_TRUNC, NULL);
	for (int i = 0; i < received; i++) {
		frames[i].len =
			messages[i].msg_len - (uint32_t)sizeof(struct virtio_net_hdr);
		read_tag(&frames[i], &messages[i].msg_hdr);
	}
	return received > 0 ? (uint32_t)received : 0;
}

int
packet_socket_send(
	struct packet_socket *socket, struct packet_message *messages, uint32_t n)
{
	struct mmsghdr out[PACKET_SOCKET_BURST];
	int sent;

	for (uint32_t i = 0; i < n; i++) {
		messages[i].pieces[0] =
			(struct iovec){&messages[i].left, sizeof(messages[i].left)};
		out[i].msg_hdr = (struct msghdr){.msg_iov = messages[i].pieces,
			.msg_iovlen = messages[i].n_pieces};
	}
	sent = sendmmsg(socket->fd, out, n, MSG_DONTWAIT);
	if (sent >= 0)
		return sent;
	return errno == EMSGSIZE || errno == EINVAL ? -EMSGSIZE : 0;
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
	int rc = set_option(
		socket, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "ignore-outgoing", err);

	if (rc == 0)
		rc = set_option(socket, SOL_PACKET, PACKET_VNET_HDR, 1, "vnet-hdr", err);
	if (rc == 0)
		rc = set_option(socket, SOL_PACKET, PACKET_AUXDATA, 1, "auxdata", err);
	if (rc == 0)
		rc = set_option(socket, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BYTES,
			"rcvbufforce", err);
	return rc;
}

static int
set_option(const struct packet_socket *socket, int level, int option, int value,
	const char *what, struct err *err)
{
	if (setsockopt(socket->fd, level, option, &value, sizeof(value)) == 0)
		return 0;
	return err_sys(err, errno, "a packet socket refuses option %s", what);
}

static int
start(const struct packet_socket *socket, const char *interface, uint16_t protocol,
	struct err *err)
{
	const struct sockaddr_ll address = {.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = (int)if_nametoindex(interface)};

	if (bind(socket->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	return err_sys(err, errno, "cannot bind a packet socket to %s", interface);
}

static void
describe(struct packet_frame *frame, struct msghdr *message, struct iovec *pieces)
{
	pieces[0] = (struct iovec){&frame->left, sizeof(frame->left)};
	pieces[1] = frame->pieces[0];
	pieces[2] = frame->pieces[1];
	*message = (struct msghdr){
		.msg_iov = pieces, .msg_iovlen = frame->pieces[1].iov_len > 0 ? 3 : 2};
}

/* The kernel keeps the outer VLAN tag beside the frame. */
static void
read_tag(struct packet_frame *frame, struct msghdr *message)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(message);
	struct tpacket_auxdata beside;

	frame->tagged = false;
	if (head == NULL || head->cmsg_type != PACKET_AUXDATA)
		return;
	memcpy(&beside, CMSG_DATA(head), sizeof(beside));
	frame->tagged = (beside.tp_status & TP_STATUS_VLAN_VALID) != 0;
	frame->tci = beside.tp_vlan_tci;
	frame->tpid = beside.tp_status & TP_STATUS_VLAN_TPID_VALID ? beside.tp_vlan_tpid
								   : ETH_P_8021Q;
}
