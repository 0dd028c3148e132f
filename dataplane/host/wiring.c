/* wiring.c: see wiring.h. */
#include "dataplane/host/wiring.h"
#include "common/log.h"

static struct wiring_end read_from(const struct link *link, int at);
static struct shm_link out_of(const struct host *host, const struct link *link, int at);
static bool may_write(const struct host *host, const struct link_end *end);
static int wire_slot(struct host *host, struct slot *slot, struct err *err);
static int bury(
	struct host *host, const struct pool *pool, uint32_t *freed, struct err *err);

struct wiring_end
wiring_of(const struct host *host, const struct link_end *end)
{
	const struct link *up = host_link_at(host, end, LINK_UP);
	const struct link *leaving = host_link_at(host, end, LINK_LEAVING);
	const struct link *in = leaving != NULL ? leaving : up;
	const struct link *out = up;
	struct wiring_end wired = {0};
	const struct link_end *far;

	if (in == NULL)
		return wired;
	if (out == NULL && may_write(host, end))
		out = leaving;
	wired = read_from(in, link_end_at(in, end));
	if (out == NULL)
		return wired;
	far = &out->ends[!link_end_at(out, end)];
	wired.out = out_of(host, out, link_end_at(out, end));
	wired.port_mtu = far->port != NULL ? (uint16_t)far->port->mtu : 0;
	return wired;
}

bool
wiring_leaves(const struct host *host, const struct slot *slot)
{
	return host_link_of(host, slot, LINK_UP) == NULL &&
	       host_link_of(host, slot, LINK_LEAVING) != NULL;
}

int
wiring_apply(struct host *host, const struct pool *pool, uint32_t *freed, struct err *err)
{
	struct slot *slot;
	int rc = 0, rc_one;

	LIST_FOREACH (slot, &host->slots, entry) {
		rc_one = slot->pool == pool ? wire_slot(host, slot, err) : 0;
		rc = rc < 0 ? rc : rc_one;
	}
	rc_one = host_replan(host, NULL, err);
	rc = rc < 0 ? rc : rc_one;
	LIST_FOREACH (slot, &host->slots, entry)
		if (rc == 0 && slot->pool == pool)
			rc = slot_wait_wired(slot, err);
	return rc < 0 ? rc : bury(host, pool, freed, err);
}

static struct wiring_end
read_from(const struct link *link, int at)
{
	return (struct wiring_end){.in = link->rings[at], .former = link->former[at]};
}

static struct shm_link
out_of(const struct host *host, const struct link *link, int at)
{
	return (struct shm_link){link->rings[!at], host_bell(host, &link->ends[!at])};
}

/* What a VNF that is taken out has in hand is to go on its way. */
static bool
may_write(const struct host *host, const struct link_end *end)
{
	return end->slot != NULL && wiring_leaves(host, end->slot);
}

static int
wire_slot(struct host *host, struct slot *slot, struct err *err)
{
	struct shm_wiring wiring = {0};
	struct wiring_end wired;
	struct link_end end = {.slot = slot};

	for (end.cp = 0; end.cp < slot->shm->n_cps; end.cp++) {
		wired = wiring_of(host, &end);
		wiring.in[end.cp].ring = wired.in;
		if (wired.in != NULL)
			wiring.in[end.cp].consumer = &slot->shm->doorbell;
		wiring.former[end.cp] = wired.former;
		wiring.out[end.cp] = wired.out;
		wiring.port_mtu[end.cp] = wired.port_mtu;
	}
	return slot_wire(slot, &wiring, err);
}

/* The workers are parked where buffers have to go home. */
static int
bury(struct host *host, const struct pool *pool, uint32_t *freed, struct err *err)
{
	struct link *link, *next;
	uint32_t fill, sum = 0;

	for (link = LIST_FIRST(&host->links); link != NULL; link = next) {
		next = LIST_NEXT(link, entry);
		if (link->state != LINK_CUT || link->pool != pool)
			continue;
		fill = link_fill(link);
		if (fill > 0 && sum == 0)
			host_park(host);
		sum += fill;
		log_info("link deleted", "link=%s freed=%u", link->id, fill);
		LIST_REMOVE(link, entry);
		link_destroy(link);
	}
	if (freed != NULL)
		*freed += sum;
	return sum > 0 ? host_replan(host, NULL, err) : 0;
}
