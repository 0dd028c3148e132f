/* netdev.c: what a port holds of a network interface of the kernel while it uses it. */
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include "common/log.h"
#include "dataplane/host/netdev.h"

struct netdev {
	char name[IFNAMSIZ];
	int index;
	int socket;	  /* a packet socket that receives nothing: ioctls, promiscuous
			     membership */
	int pass;	  /* bpf_link of the program that passes everything; -1: none */
	bool changed_gro; /* it is to be as it was: */
	uint32_t gro;
};

static int take_log(enum libbpf_print_level level, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
static int prepare(
	struct netdev *netdev, const struct netdev_want *want, struct err *err);
static int bring_up(const struct netdev *netdev, struct err *err);
static int add_promiscuous(const struct netdev *netdev, struct err *err);
static void keep_frames_whole(struct netdev *netdev);
static void switch_gro(struct netdev *netdev, uint32_t on);
static bool is_veth(const struct netdev *netdev);
static int attach_pass(const struct netdev *netdev);
static int get_set_gro(const struct netdev *netdev, uint32_t command, uint32_t *on);
static int request(const struct netdev *netdev, unsigned long command, struct ifreq *ifr);

int
netdev_open(const char *name, const struct netdev_want *want, struct netdev **out,
	struct err *err)
{
	struct netdev *netdev;
	int rc;

	if (!netdev_exists(name))
		return err_set(err, ERR_NOT_FOUND, "interface",
			"ip link shows those there are",
			"there is no network interface '%s'", name);
	netdev = calloc(1, sizeof(*netdev));
	if (netdev == NULL)
		return err_sys(err, ENOMEM, "cannot open an interface");
	libbpf_set_print(take_log);
	snprintf(netdev->name, sizeof(netdev->name), "%s", name);
	netdev->index = (int)if_nametoindex(name);
	netdev->pass = -1;
	netdev->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	rc = netdev->socket < 0 ? err_sys(err, errno, "cannot open a packet socket")
				: prepare(netdev, want, err);
	if (rc < 0) {
		netdev_close(netdev);
		return rc;
	}
	*out = netdev;
	return 0;
}

void
netdev_close(struct netdev *netdev)
{
	if (netdev == NULL)
		return;
	if (netdev->pass >= 0)
		close(netdev->pass);
	if (netdev->changed_gro)
		get_set_gro(netdev, ETHTOOL_SGRO, &netdev->gro);
	if (netdev->socket >= 0)
		close(netdev->socket);
	free(netdev);
}

unsigned
netdev_channels(const struct netdev *netdev)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq ifr = {.ifr_data = (char *)&channels};
	unsigned n = 0;

	if (request(netdev, SIOCETHTOOL, &ifr) == 0)
		n = channels.combined_count + channels.rx_count;
	return n > 0 ? n : 1;
}

uint32_t
netdev_mtu(const struct netdev *netdev)
{
	struct ifreq ifr;

	return request(netdev, SIOCGIFMTU, &ifr) < 0 ? 1500 : (uint32_t)ifr.ifr_mtu;
}

struct net_mac
netdev_mac(const struct netdev *netdev)
{
	struct net_mac mac = {0};
	struct ifreq ifr;

	if (request(netdev, SIOCGIFHWADDR, &ifr) == 0)
		memcpy(mac.bytes, ifr.ifr_hwaddr.sa_data, sizeof(mac.bytes));
	return mac;
}

bool
netdev_is_running(const struct netdev *netdev)
{
	struct ifreq ifr;

	return request(netdev, SIOCGIFFLAGS, &ifr) == 0 && (ifr.ifr_flags & IFF_RUNNING);
}

bool
netdev_exists(const char *name)
{
	return if_nametoindex(name) != 0;
}

/* libbpf tells what it tries; what fails comes back as an error. */
static int
take_log(enum libbpf_print_level level, const char *format, va_list args)
{
	char text[256];
	int len = vsnprintf(text, sizeof(text), format, args);

	while (len > 0 && len < (int)sizeof(text) && text[len - 1] == '\n')
		text[--len] = '\0';
	log_debug("libbpf", "level=%d text=\"%s\"", (int)level, text);
	return 0;
}

static int
prepare(struct netdev *netdev, const struct netdev_want *want, struct err *err)
{
	int rc = bring_up(netdev, err);

	if (rc == 0 && want->promiscuous)
		rc = add_promiscuous(netdev, err);
	if (rc == 0 && want->whole_frames)
		keep_frames_whole(netdev);
	if (rc == 0 && want->long_frames)
		switch_gro(netdev, 1);
	return rc;
}

static int
bring_up(const struct netdev *netdev, struct err *err)
{
	struct ifreq ifr;

	if (request(netdev, SIOCGIFFLAGS, &ifr) < 0)
		return err_sys(err, errno, "cannot read the flags of %s", netdev->name);
	if (ifr.ifr_flags & IFF_LOOPBACK)
		return err_set(err, ERR_INVALID, "interface", "use a veth, TAP or NIC",
			"'%s' is a loopback interface", netdev->name);
	if (ifr.ifr_flags & IFF_UP)
		return 0;
	ifr.ifr_flags |= IFF_UP;
	if (request(netdev, SIOCSIFFLAGS, &ifr) < 0)
		return err_sys(err, errno, "cannot bring %s up", netdev->name);
	return 0;
}

static int
add_promiscuous(const struct netdev *netdev, struct err *err)
{
	const struct packet_mreq request_all = {
		.mr_ifindex = netdev->index, .mr_type = PACKET_MR_PROMISC};

	if (setsockopt(netdev->socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request_all,
		    sizeof(request_all)) < 0)
		return err_sys(err, errno, "cannot make %s promiscuous", netdev->name);
	return 0;
}

/* What cannot be had is said and lived with: longer frames are then counted as
 * "oversize". */
static void
keep_frames_whole(struct netdev *netdev)
{
	if (is_veth(netdev)) {
		netdev->pass = attach_pass(netdev);
		if (netdev->pass < 0)
			log_warn("the peer of a veth may send long frames",
				"interface=%s xdp=\"%s\"", netdev->name,
				strerror(-netdev->pass));
	} else {
		log_info("no XDP program: not a veth", "interface=%s", netdev->name);
	}
	switch_gro(netdev, 0);
}

/* Where it cannot be, it stays. */
static void
switch_gro(struct netdev *netdev, uint32_t on)
{
	uint32_t before = 0;

	if (get_set_gro(netdev, ETHTOOL_GGRO, &before) < 0 ||
		get_set_gro(netdev, ETHTOOL_SGRO, &on) < 0) {
		log_info("receive offload stays as it is", "interface=%s", netdev->name);
		return;
	}
	netdev->gro = before;
	netdev->changed_gro = before != on;
}

static bool
is_veth(const struct netdev *netdev)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq ifr = {.ifr_data = (char *)&info};

	return request(netdev, SIOCETHTOOL, &ifr) == 0 &&
	       strcmp(info.driver, "veth") == 0;
}

/* A bpf_link or a negative errno. The program is two instructions: return XDP_PASS. */
static int
attach_pass(const struct netdev *netdev)
{
	const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K,
			.dst_reg = BPF_REG_0,
			.imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	int program, link;

	program = bpf_prog_load(BPF_PROG_TYPE_XDP, "renga_pass", "Apache-2.0", pass,
		sizeof(pass) / sizeof(pass[0]), NULL);
	if (program < 0)
		return -errno;
	link = bpf_link_create(program, netdev->index, BPF_XDP, &options);
	if (link < 0)
		link = -errno;
	close(program);
	return link;
}

static int
get_set_gro(const struct netdev *netdev, uint32_t command, uint32_t *on)
{
	struct ethtool_value value = {.cmd = command, .data = *on};
	struct ifreq ifr = {.ifr_data = (char *)&value};

	if (request(netdev, SIOCETHTOOL, &ifr) < 0)
		return -errno;
	*on = value.data;
	return 0;
}

static int
request(const struct netdev *netdev, unsigned long command, struct ifreq *ifr)
{
	memcpy(ifr->ifr_name, netdev->name, IFNAMSIZ);
	return ioctl(netdev->socket, command, ifr);
}
