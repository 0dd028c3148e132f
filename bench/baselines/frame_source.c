/* frame_source.c: sends the frames of a generator port out of a network interface, for
 * comparisons with the kernel: both get them from here.
 *
 *	frame_source --interface NAME [--rate PACKETS/S] [--seconds S] [TRAFFIC]...
 *
 * TRAFFIC: as of a generator port, bench/lib/traffic_options.h.
 *
 * Through a packet socket that bypasses the queueing discipline, 64 frames a call: as
 *fast as the kernel takes them, or at the rate. Prints {"sent", "seconds"}. pktgen would
 *do the same inside the kernel, where it is built in.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include "bench/lib/rig.h"
#include "bench/lib/traffic_options.h"

#define BATCH 64

static struct traffic_spec spec;
static const char *interface;
static double rate, seconds = 1;
static struct traffic traffic;
static struct traffic_cursor cursor;
static uint8_t frames[BATCH][TRAFFIC_FRAME_MAX];
static struct iovec parts[BATCH];
static struct mmsghdr messages[BATCH];

static void read_arguments(int argc, char **argv);
static int open_socket(void);
static uint64_t send_frames(int fd);
static unsigned send_batch(int fd);
static double now(void);

int
main(int argc, char **argv)
{
	struct err err = {0};
	uint64_t sent;
	double start;
	int fd;

	traffic_options_init(&spec);
	read_arguments(argc, argv);
	rig_need(traffic_init(&traffic, &spec, 1, &err) == 0, "%s: %s", err.path,
		err.text);
	traffic_seek(&traffic, 0, &cursor);
	for (unsigned i = 0; i < BATCH; i++) {
		parts[i].iov_base = frames[i];
		messages[i].msg_hdr =
			(struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
	}
	fd = open_socket();
	start = now();
	sent = send_frames(fd);
	printf("{\"sent\": %llu, \"seconds\": %.6f}\n", (unsigned long long)sent,
		now() - start);
	close(fd);
	return 0;
}

static void
read_arguments(int argc, char **argv)
{
	static const struct option options[] = {TRAFFIC_OPTIONS,
		{"interface", required_argument, NULL, 'i'},
		{"rate", required_argument, NULL, 'r'},
		{"seconds", required_argument, NULL, 't'}, {0}};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (c == 'i')
			interface = optarg;
		else if (c == 'r')
			rate = atof(optarg);
		else if (c == 't')
			seconds = atof(optarg);
		else
			traffic_options_take(&spec, c, optarg);
	rig_need(interface != NULL && if_nametoindex(interface) != 0,
		"--interface names none that there is");
}

static int
open_socket(void)
{
	const struct sockaddr_ll address = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(interface)};
	const int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1;

	rig_need(fd >= 0, "packet socket: %s", strerror(errno));
	rig_need(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
			 setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one,
				 sizeof(one)) == 0,
		"packet socket: %s", strerror(errno));
	return fd;
}

/* How many were sent. */
static uint64_t
send_frames(int fd)
{
	const double start = now();
	uint64_t sent = 0;
	double passed;

	while ((passed = now() - start) < seconds) {
		if (rate > 0 && (double)sent > passed * rate) {
			const double ahead = (double)sent / rate - passed;
			const struct timespec rest = {
				0, (long)(ahead * 1e9) % 1000000000};

			nanosleep(&rest, NULL);
			continue;
		}
		sent += send_batch(fd);
	}
	return sent;
}

static unsigned
send_batch(int fd)
{
	int n;

	for (unsigned i = 0; i < BATCH; i++)
		parts[i].iov_len = traffic_write(&traffic, &cursor, 1, frames[i]);
	n = sendmmsg(fd, messages, BATCH, 0);
	rig_need(n >= 0 || errno == ENOBUFS || errno == EAGAIN, "%s: %s", interface,
		strerror(errno));
	return n > 0 ? (unsigned)n : 0;
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}
