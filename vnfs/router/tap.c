/* tap.c: see tap.h. */
#include "vnfs/router/tap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include "vnfs/router/netns.h"

struct addr_request {
	struct nlmsghdr header;
	struct ifaddrmsg msg;
	uint8_t attrs[64];
};

struct work {
	struct tap *tap;
	const struct tap_spec *spec, *before; /* before null: it is new */
};

static netns_fn make;
static int create(struct work *work, struct err *err);
static int set_up(struct work *work, struct err *err);
static void set_sysctls(const char *name);
static bool has_address(const struct iface *iface, const struct iface_addr *addr);
static int change_address(
	int fd, uint16_t type, uint32_t ifindex, const struct iface_addr *addr);

int
tap_open(struct tap *tap, const struct tap_spec *spec, const char *netns, struct err *err)
{
	struct work work = {.tap = tap, .spec = spec};

	*tap = (struct tap){.fd = -1, .spec = *spec};
	const int rc = netns_run(netns, make, &work, err);

	if (rc != 0)
		tap_close(tap);
	return rc;
}

int
tap_change(
	struct tap *tap, const struct tap_spec *spec, const char *netns, struct err *err)
{
	const struct tap_spec before = tap->spec;
	struct work work = {.tap = tap, .spec = spec, .before = &before};

	tap->spec = *spec;
	return netns_run(netns, make, &work, err);
}

void
tap_close(struct tap *tap)
{
	if (tap->fd >= 0)
		close(tap->fd);
	tap->fd = -1;
	tap->ifindex = 0;
}

bool
tap_spec_is_near(const struct tap_spec *a, const struct tap_spec *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       memcmp(a->iface.mac, b->iface.mac, 6) == 0;
}

bool
tap_spec_equal(const struct tap_spec *a, const struct tap_spec *b)
{
	if (!tap_spec_is_near(a, b) || a->mtu != b->mtu || a->iface.n != b->iface.n)
		return false;
	for (unsigned i = 0; i < a->iface.n; i++)
		if (memcmp(&a->iface.addrs[i], &b->iface.addrs[i],
			    sizeof(struct iface_addr)) != 0)
			return false;
	return true;
}

bool
tap_name_is_valid(const char *name)
{
	const size_t len = strlen(name);

	if (len == 0 || len >= TAP_NAME || strcmp(name, ".") == 0 ||
		strcmp(name, "..") == 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] == 0x7f || strchr("/:%", name[i]) != NULL)
			return false;
	return true;
}

/* ---- in its namespace ---- */

static int
make(void *arg, struct err *err)
{
	struct work *work = arg;
	const int rc = work->before == NULL ? create(work, err) : 0;

	return rc == 0 ? set_up(work, err) : rc;
}

static int
create(struct work *work, struct err *err)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	const char *name = work->spec->name;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	work->tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (work->tap->fd < 0)
		return err_sys(err, errno, "cannot open /dev/net/tun");
	if (ioctl(work->tap->fd, TUNSETIFF, &request) < 0)
		return err_sys(err, errno, "cannot make the interface %s", name);
	return 0;
}

/* MAC, MTU, no addresses of the kernel's own, ours, up. fd: any socket. */
static int
configure(int fd, struct work *work, struct err *err)
{
	const struct tap_spec *spec = work->spec;
	struct ifreq request = {.ifr_hwaddr = {.sa_family = ARPHRD_ETHER}};

	memcpy(request.ifr_name, spec->name, sizeof(spec->name));
	memcpy(request.ifr_hwaddr.sa_data, spec->iface.mac, 6);
	if (ioctl(fd, SIOCSIFHWADDR, &request) < 0)
		return err_sys(err, errno, "cannot set the MAC of %s", spec->name);
	request.ifr_mtu = spec->mtu;
	if (ioctl(fd, SIOCSIFMTU, &request) < 0)
		return err_sys(err, errno, "cannot set the MTU of %s", spec->name);
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
		return err_sys(err, errno, "cannot find %s", spec->name);
	work->tap->ifindex = (uint32_t)request.ifr_ifindex;
	set_sysctls(spec->name);
	request.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return err_sys(err, errno, "cannot set %s up", spec->name);
	return 0;
}

static int
set_up(struct work *work, struct err *err)
{
	const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct iface *iface = &work->spec->iface;
	char text[NET_STRLEN];
	int rc = fd >= 0 && any >= 0 ? configure(any, work, err)
				     : err_sys(err, errno, "cannot make a socket");

	for (unsigned i = 0; rc == 0 && work->before && i < work->before->iface.n; i++) {
		const struct iface_addr *addr = &work->before->iface.addrs[i];

		if (!has_address(iface, addr)) /* perhaps it is gone already */
			change_address(fd, RTM_DELADDR, work->tap->ifindex, addr);
	}
	for (unsigned i = 0; i < iface->n && rc == 0; i++) {
		const struct iface_addr *addr = &iface->addrs[i];
		struct net_addr printed = {.family = addr->family};

		memcpy(printed.bytes, addr->addr, 16);
		rc = change_address(fd, RTM_NEWADDR, work->tap->ifindex, addr);
		if (rc < 0)
			rc = err_sys(err, -rc, "cannot give %s the address %s",
				work->spec->name, net_addr_print(&printed, text));
	}
	if (fd >= 0)
		close(fd);
	if (any >= 0)
		close(any);
	return rc;
}

static void
set_sysctl(const char *name, const char *what, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", name, what);
	const int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return; /* no IPv6 here, or no /proc/sys to write */
	if (write(fd, value, strlen(value)) < 0)
		log_warn("a setting was not taken", "path=%s", path);
	close(fd);
}

/* The link-local address is the VNF's, and what routers advertise is for hosts. */
static void
set_sysctls(const char *name)
{
	set_sysctl(name, "addr_gen_mode", "1");
	set_sysctl(name, "accept_ra", "0");
	set_sysctl(name, "accept_dad", "0");
}

/* ---- addresses ---- */

static bool
has_address(const struct iface *iface, const struct iface_addr *addr)
{
	for (unsigned i = 0; i < iface->n; i++)
		if (memcmp(&iface->addrs[i], addr, sizeof(*addr)) == 0)
			return true;
	return false;
}

static void
add_attr(struct addr_request *request, uint16_t type, const void *value, size_t len)
{
	const struct rtattr attr = {
		.rta_len = (uint16_t)(sizeof(attr) + len), .rta_type = type};
	uint8_t *at = (uint8_t *)request + request->header.nlmsg_len;

	memcpy(at, &attr, sizeof(attr));
	memcpy(at + sizeof(attr), value, len);
	request->header.nlmsg_len += (uint32_t)(sizeof(attr) + len);
}

/* The kernel's answer to the one request: 0 or negative errno. */
static int
answer(int fd)
{
	union {
		struct nlmsghdr header;
		uint8_t bytes[1024];
	} reply;
	const ssize_t n = recv(fd, &reply, sizeof(reply), 0);
	struct nlmsgerr error;

	if (n < (ssize_t)(sizeof(reply.header) + sizeof(error)) ||
		reply.header.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	memcpy(&error, reply.bytes + sizeof(reply.header), sizeof(error));
	return error.error;
}

/* type: RTM_NEWADDR (one that is there stays), RTM_DELADDR. */
static int
change_address(int fd, uint16_t type, uint32_t ifindex, const struct iface_addr *addr)
{
	const bool ip4 = addr->family == 4;
	const size_t len = ip4 ? 4 : 16;
	struct addr_request request = {
		.header = {.nlmsg_len = offsetof(struct addr_request, attrs),
			.nlmsg_type = type,
			.nlmsg_flags =
				NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE},
		.msg = {.ifa_family = ip4 ? AF_INET : AF_INET6,
			.ifa_prefixlen = addr->len,
			.ifa_flags = ip4 ? 0 : IFA_F_NODAD,
			.ifa_scope = iface_is_link_local(addr->family, addr->addr)
					     ? RT_SCOPE_LINK
					     : RT_SCOPE_UNIVERSE,
			.ifa_index = ifindex}};

	add_attr(&request, IFA_LOCAL, addr->addr, len);
	add_attr(&request, IFA_ADDRESS, addr->addr, len);
	if (send(fd, &request, request.header.nlmsg_len, 0) < 0)
		return -errno;
	return answer(fd);
}
