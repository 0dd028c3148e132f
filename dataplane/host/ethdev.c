/* ethdev.c: ports that are DPDK Ethernet devices. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <rte_bus_vdev.h>
#include <rte_ethdev.h>
#include "common/log.h"
#include "dataplane/host/ethdev.h"
#include "dataplane/host/fds.h"
#include "dataplane/host/netdev.h"
#include "dataplane/host/port.h"

#define RX_DESCRIPTORS 1024
#define TX_DESCRIPTORS 1024
#define RSS_KEY_MAX    64

static int start(struct port *port, const struct driver_common *common, struct err *err);
static int configure(
	struct port *port, const struct driver_common *common, struct err *err);
static uint16_t count_queues(uint16_t wanted, const struct rte_eth_dev_info *info);
static void ask_for_rss(
	struct rte_eth_conf *conf, const struct rte_eth_dev_info *info, uint8_t *key);
static int set_up_queues(struct port *port, struct err *err);
static void read_address(struct port *port);

int
ethdev_open_vdev(struct port *port, const struct driver_common *common,
	const char *vdev_driver, const char *args, struct err *err)
{
	static unsigned counter; /* names are never used twice */
	char name[32];

	snprintf(name, sizeof(name), "%s%u", vdev_driver, counter++);
	return ethdev_open_named_vdev(port, common, name, args, err);
}

int
ethdev_open_named_vdev(struct port *port, const struct driver_common *common,
	const char *name, const char *args, struct err *err)
{
	struct fds before;
	int rc;

	fds_list(&before);
	rc = rte_vdev_init(name, args);
	if (rc < 0)
		return err_set(err, ERR_INVALID, NULL, "the dataplane's log says more",
			"the driver refuses the port (%s)%s%s", strerror(-rc),
			args && *args ? ": " : "", args ? args : "");
	snprintf(port->vdev, sizeof(port->vdev), "%s", name);
	rc = ethdev_open(port, common, name, err);
	if (rc < 0) {
		rte_eth_dev_close(port->eth_port);
		rte_vdev_uninit(name);
		return rc;
	}
	port->n_fds = fds_waitable_since(&before, port->fds, PORT_FDS);
	return 0;
}

int
ethdev_open(struct port *port, const struct driver_common *common, const char *name,
	struct err *err)
{
	int rc;

	if (rte_eth_dev_get_port_by_name(name, &port->eth_port) != 0)
		return err_set(err, ERR_NOT_FOUND, NULL, NULL,
			"DPDK has no Ethernet device '%s'", name);
	rc = start(port, common, err);
	if (rc == 0)
		read_address(port);
	return rc;
}

void
ethdev_close(struct port *port)
{
	rte_eth_dev_stop(port->eth_port);
	rte_eth_dev_close(port->eth_port);
	rte_vdev_uninit(port->vdev);
	netdev_close(port->netdev);
}

void
ethdev_stop(struct port *port)
{
	rte_eth_dev_stop(port->eth_port);
	for (uint16_t i = 0; i < port->n_sources; i++) {
		rte_eth_dev_rx_queue_stop(port->eth_port, i);
		rte_eth_tx_done_cleanup(port->eth_port, i, 0);
	}
}

uint32_t
ethdev_rx(struct port_queue *queue, struct rte_mbuf **buffers, uint32_t n)
{
	return rte_eth_rx_burst(
		queue->port->eth_port, (uint16_t)queue->index, buffers, (uint16_t)n);
}

/* One queue keeps the order of packets. */
uint32_t
ethdev_tx(struct port *port, struct rte_mbuf **buffers, uint32_t n)
{
	return rte_eth_tx_burst(port->eth_port, 0, buffers, (uint16_t)n);
}

uint64_t
ethdev_missed(struct port *port)
{
	struct rte_eth_stats stats;

	return rte_eth_stats_get(port->eth_port, &stats) == 0 ? stats.imissed : 0;
}

static int
start(struct port *port, const struct driver_common *common, struct err *err)
{
	int rc = configure(port, common, err);

	if (rc == 0)
		rc = set_up_queues(port, err);
	if (rc < 0)
		return rc;
	rc = rte_eth_dev_start(port->eth_port);
	if (rc < 0)
		return err_sys(err, -rc, "the port's device does not start");
	if (common->promiscuous && port->netdev == NULL)
		rte_eth_promiscuous_enable(port->eth_port);
	return 0;
}

static int
configure(struct port *port, const struct driver_common *common, struct err *err)
{
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;
	uint8_t key[RSS_KEY_MAX];
	int rc = rte_eth_dev_info_get(port->eth_port, &info);

	if (rc < 0)
		return err_sys(err, -rc, "the port's device says nothing about itself");
	port->n_sources = count_queues(common->queues, &info);
	if (port->n_sources > 1)
		ask_for_rss(&conf, &info, key);
	rc = rte_eth_dev_configure(
		port->eth_port, port->n_sources, port->n_sources, &conf);
	if (rc < 0)
		return err_sys(err, -rc, "the port's device cannot be configured");
	if (common->mtu != 0 && port->netdev == NULL) {
		rc = rte_eth_dev_set_mtu(port->eth_port, (uint16_t)common->mtu);
		if (rc < 0 && rc != -ENOTSUP)
			return err_set(err, ERR_INVALID, "mtu", NULL,
				"the device refuses an MTU of %u (%s)", common->mtu,
				strerror(-rc));
	}
	return 0;
}

/* A device with fewer than are wanted has those that it has; of one with a single queue
 * that is spread by software (port_queue.h). */
static uint16_t
count_queues(uint16_t wanted, const struct rte_eth_dev_info *info)
{
	return RTE_MAX(RTE_MIN(wanted, RTE_MIN(info->max_rx_queues, info->max_tx_queues)),
		(uint16_t)1);
}

/* Both directions of a flow are to meet: a key whose halves of 16 bits are all the same
 * makes Toeplitz' hash symmetric. Devices that know no such hash spread by their own
 * lights. */
static void
ask_for_rss(struct rte_eth_conf *conf, const struct rte_eth_dev_info *info, uint8_t *key)
{
	conf->rx_adv_conf.rss_conf.rss_hf =
		(RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP) &
		info->flow_type_rss_offloads;
	if (conf->rx_adv_conf.rss_conf.rss_hf == 0)
		return;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	if (info->hash_key_size == 0 || info->hash_key_size > RSS_KEY_MAX)
		return;
	for (unsigned i = 0; i < info->hash_key_size; i++)
		key[i] = i % 2 == 0 ? 0x6d : 0x5a;
	conf->rx_adv_conf.rss_conf.rss_key = key;
	conf->rx_adv_conf.rss_conf.rss_key_len = info->hash_key_size;
}

static int
set_up_queues(struct port *port, struct err *err)
{
	uint16_t rx = port->rx_descriptors != 0 ? port->rx_descriptors : RX_DESCRIPTORS;
	uint16_t tx = TX_DESCRIPTORS;
	int rc = rte_eth_dev_adjust_nb_rx_tx_desc(port->eth_port, &rx, &tx);

	for (uint16_t i = 0; rc == 0 && i < port->n_sources; i++) {
		rc = rte_eth_rx_queue_setup(
			port->eth_port, i, rx, SOCKET_ID_ANY, NULL, port->pool->mempool);
		if (rc == 0)
			rc = rte_eth_tx_queue_setup(
				port->eth_port, i, tx, SOCKET_ID_ANY, NULL);
	}
	if (rc < 0)
		return err_sys(
			err, -rc, "the queues of the port's device cannot be set up");
	return 0;
}

static void
read_address(struct port *port)
{
	struct rte_ether_addr address;
	uint16_t mtu;

	if (rte_eth_macaddr_get(port->eth_port, &address) == 0)
		memcpy(port->mac.bytes, address.addr_bytes, sizeof(port->mac.bytes));
	if (port->netdev == NULL && rte_eth_dev_get_mtu(port->eth_port, &mtu) == 0)
		port->mtu = mtu;
}
