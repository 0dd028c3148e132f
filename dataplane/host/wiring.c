/* wiring.c: see wiring.h. */
#include "dataplane/host/wiring.h"
#include <string.h>
#include "common/log.h"
#include "dataplane/host/replicas.h"

#define FEWER "fewer replicas of its neighbours, or paths"

static struct wiring_end read_from(const struct link *link, int at);
static struct shm_link out_of(const struct host *host, const struct link *link, int at);
static void add_outs(const struct host *host, const struct link_end *end,
	const struct link *const *links, unsigned n, struct wiring_end *wired);
static void set_way(const struct link *const *links, unsigned n, unsigned i,
	const struct link_end *end, struct wiring_end *wired);
static uint16_t smaller_mtu(uint16_t mtu, const struct link_end *far);
static const struct link_end *far_end(
	const struct link *link, const struct link_end *end);
static bool may_write(const struct host *host, const struct link_end *end);
static unsigned links_at(const struct host *host, const struct link_end *end,
	enum link_state state, const struct link *links[], unsigned max);
static bool is_across(const struct link *link);
static bool are_one(const struct link *const *up, unsigned n_up, unsigned n_leaving);
static bool follows(const struct link *up, unsigned n_leaving);
static bool add_more(struct shm_wiring *wiring, unsigned cp, struct shm_doorbell *bell,
	const struct wiring_end *wired);
static unsigned count_at(const struct host *host, const struct link_end *end);
static int refuse(const struct slot *slot, struct err *err);
static int wire_slot(struct host *host, struct slot *slot, struct err *err);
static int bury(
	struct host *host, const struct pool *pool, uint32_t *freed, struct err *err);

struct wiring_end
wiring_of(const struct host *host, const struct link_end *end)
{
	const struct link *up = NULL, *leaving = NULL, *in, *out;
	struct wiring_end wired = {0};

	links_at(host, end, LINK_UP, &up, 1);
	links_at(host, end, LINK_LEAVING, &leaving, 1);
	in = leaving != NULL ? leaving : up;
	out = up;
	if (in == NULL)
		return wired;
	if (out == NULL && may_write(host, end))
		out = leaving;
	wired = read_from(in, link_end_at(in, end));
	if (out == NULL)
		return wired;
	wired.out = out_of(host, out, link_end_at(out, end));
	wired.port_mtu = smaller_mtu(0, far_end(out, end));
	return wired;
}

unsigned
wiring_list(const struct host *host, const struct link_end *end,
	struct wiring_end wired[WIRING_MAX])
{
	const struct link *up[WIRING_MAX / 2], *leaving[WIRING_MAX / 2];
	const unsigned n_up = links_at(host, end, LINK_UP, up, WIRING_MAX / 2);
	const unsigned n_leaving =
		links_at(host, end, LINK_LEAVING, leaving, WIRING_MAX / 2);

	if (are_one(up, n_up, n_leaving)) {
		wired[0] = wiring_of(host, end);
		return 1;
	}
	for (unsigned i = 0; i < n_up; i++)
		wired[i] = follows(up[i], n_leaving)
				   ? (struct wiring_end){0}
				   : read_from(up[i], link_end_at(up[i], end));
	for (unsigned i = 0; i < n_leaving; i++)
		wired[n_up + i] = read_from(leaving[i], link_end_at(leaving[i], end));
	add_outs(host, end, up, n_up, wired);
	if (n_up == 0 && may_write(host, end))
		add_outs(host, end, leaving, n_leaving, wired);
	return n_up + n_leaving;
}

static void
add_outs(const struct host *host, const struct link_end *end,
	const struct link *const *links, unsigned n, struct wiring_end *wired)
{
	for (unsigned i = 0; i < n; i++) {
		wired[i].out = out_of(host, links[i], link_end_at(links[i], end));
		wired[0].port_mtu =
			smaller_mtu(wired[0].port_mtu, far_end(links[i], end));
		set_way(links, n, i, end, wired);
		if (far_end(links[i], end)->slot != NULL)
			wired[i].way.by = (uint8_t)replicas_by(host,
				far_end(links[i], end)->slot, far_end(links[i], end)->cp);
	}
}

/* It is of the fan of the first of its twins before it, or of the next one. */
static void
set_way(const struct link *const *links, unsigned n, unsigned i,
	const struct link_end *end, struct wiring_end *wired)
{
	const struct link_end *far = far_end(links[i], end);
	struct shm_way *way = &wired[i].way;
	bool is_alone = true;
	int like = -1;

	for (unsigned k = 0; k < n; k++) {
		if (k == i || !wiring_are_twins(far_end(links[k], end), far))
			continue;
		is_alone = false;
		like = like < 0 && k < i ? (int)k : like;
	}
	if (like >= 0)
		way->fan = wired[like].way.fan;
	for (unsigned k = 0; k < i && like < 0; k++)
		way->fan = (uint8_t)RTE_MAX(way->fan, wired[k].way.fan + 1);
	memcpy(way->paths, links[i]->paths, sizeof(way->paths));
	if (far->slot == NULL)
		return;
	way->spread = is_alone ? NULL : far->slot->shm->spread;
	way->replica = (uint8_t)far->slot->shm->replica;
}

static uint16_t
smaller_mtu(uint16_t mtu, const struct link_end *far)
{
	const uint16_t its = far->port != NULL ? (uint16_t)far->port->mtu : 0;

	return mtu == 0 || (its != 0 && its < mtu) ? its : mtu;
}

static const struct link_end *
far_end(const struct link *link, const struct link_end *end)
{
	return &link->ends[!link_end_at(link, end)];
}

bool
wiring_are_twins(const struct link_end *a, const struct link_end *b)
{
	return a->slot != NULL && b->slot != NULL && a->slot != b->slot &&
	       a->cp == b->cp && a->slot->replicas != NULL &&
	       a->slot->replicas == b->slot->replicas &&
	       strcmp(a->slot->of, b->slot->of) == 0;
}

bool
wiring_may_meet(const struct link_end *a, const uint32_t paths_a[8],
	const struct link_end *b, const uint32_t paths_b[8])
{
	uint32_t any_a = 0, any_b = 0, both = 0, differing = 0;

	for (unsigned i = 0; i < 8; i++) {
		any_a |= paths_a[i];
		any_b |= paths_b[i];
		both |= paths_a[i] & paths_b[i];
		differing |= paths_a[i] ^ paths_b[i];
	}
	if (wiring_are_twins(a, b))
		return differing == 0;
	return any_a != 0 && any_b != 0 && both == 0;
}

int
wiring_check_room(const struct host *host, const struct pool *pool, struct err *err)
{
	const struct slot *slot;
	const struct port *port;

	LIST_FOREACH (slot, &host->slots, entry) {
		struct link_end end = {.slot = (struct slot *)(uintptr_t)slot};
		unsigned more = 0;

		for (; slot->pool == pool && end.cp < slot->shm->n_cps; end.cp++)
			more += count_at(host, &end) - 1;
		if (more > SHM_MORE)
			return refuse(slot, err);
	}
	LIST_FOREACH (port, &host->ports, entry) {
		const struct link_end end = {.port = (struct port *)(uintptr_t)port};

		if (port->pool == pool && count_at(host, &end) > WIRING_MAX)
			return err_set(err, ERR_NO_RESOURCE, NULL, FEWER,
				"port '%s' has more than %u links", port->name,
				WIRING_MAX / 2);
	}
	return 0;
}

/* One that has more of a kind than wiring_list() takes has more than WIRING_MAX. */
static unsigned
count_at(const struct host *host, const struct link_end *end)
{
	const struct link *up[WIRING_MAX / 2 + 1], *leaving[WIRING_MAX / 2 + 1];
	const unsigned n_up = links_at(host, end, LINK_UP, up, RTE_DIM(up));
	const unsigned n_leaving =
		links_at(host, end, LINK_LEAVING, leaving, RTE_DIM(leaving));

	if (RTE_MAX(n_up, n_leaving) > WIRING_MAX / 2)
		return WIRING_MAX + 1;
	return are_one(up, n_up, n_leaving) ? 1 : n_up + n_leaving;
}

static int
refuse(const struct slot *slot, struct err *err)
{
	return err_set(err, ERR_NO_RESOURCE, NULL, FEWER,
		"VNF '%s' has more than %u links beside the first of each connection point",
		slot->shm->name, SHM_MORE);
}

bool
wiring_leaves(const struct host *host, const struct slot *slot)
{
	return host_link_of(host, slot, LINK_UP) == NULL &&
	       host_link_of(host, slot, LINK_LEAVING) != NULL;
}

bool
wiring_waits_in_vain(const struct host *host, const struct slot *slot)
{
	const struct link *link;

	if (!wiring_leaves(host, slot))
		return false;
	LIST_FOREACH (link, &host->links, entry)
		for (unsigned at = 0; at < 2 && link->state == LINK_LEAVING; at++)
			if (link->ends[at].slot == slot && link->ends[!at].slot != NULL &&
				!slot_is_running(link->ends[!at].slot))
				return true;
	return false;
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

static unsigned
links_at(const struct host *host, const struct link_end *end, enum link_state state,
	const struct link *links[], unsigned max)
{
	const struct link *link;
	unsigned n = 0;

	LIST_FOREACH (link, &host->links, entry)
		if (link->state == state && link_end_at(link, end) >= 0 &&
			!is_across(link) && n < max)
			links[n++] = link;
	return n;
}

/* It carries nothing: there is one beside it that stays within a process of a group. */
static bool
is_across(const struct link *link)
{
	return link->ends[0].slot != NULL && link->ends[1].slot != NULL &&
	       replicas_are_across(link->ends[0].slot, link->ends[1].slot);
}

/* One follows the other, or there is only one. */
static bool
are_one(const struct link *const *up, unsigned n_up, unsigned n_leaving)
{
	return n_up + n_leaving <= 1 ||
	       (n_up == 1 && n_leaving == 1 && follows(up[0], n_leaving));
}

/* It came in place of links that leave: what they still carry is to be read before. */
static bool
follows(const struct link *up, unsigned n_leaving)
{
	return n_leaving > 0 && !up->stays;
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
	struct shm_wiring wiring;
	struct wiring_end wired[WIRING_MAX];
	struct link_end end = {.slot = slot};
	unsigned n;

	memset(&wiring, 0, sizeof(wiring)); /* it is compared as a whole */
	wiring.epoch = slot->pool->epoch;
	slot->shm->spread_ends =
		slot->replicas != NULL && replicas_by_ends(host, slot->replicas);
	wiring.steer = slot->pool->steering.steer;
	wiring.path_offset = buffer_path_offset();
	for (end.cp = 0; end.cp < slot->shm->n_cps; end.cp++) {
		n = wiring_list(host, &end, wired);
		wiring.in[end.cp].ring = wired[0].in;
		if (wired[0].in != NULL)
			wiring.in[end.cp].consumer = &slot->shm->doorbell;
		wiring.former[end.cp] = wired[0].former;
		wiring.out[end.cp] = wired[0].out;
		wiring.ways[end.cp] = wired[0].way;
		wiring.port_mtu[end.cp] = wired[0].port_mtu;
		for (unsigned i = 1; i < n; i++)
			if (!add_more(&wiring, end.cp, &slot->shm->doorbell, &wired[i]))
				return refuse(slot, err);
	}
	return slot_wire(slot, &wiring, err);
}

static bool
add_more(struct shm_wiring *wiring, unsigned cp, struct shm_doorbell *bell,
	const struct wiring_end *wired)
{
	struct shm_more *more;

	if (wiring->n_more == SHM_MORE)
		return false;
	more = &wiring->more[wiring->n_more++];
	more->in.ring = wired->in;
	if (wired->in != NULL)
		more->in.consumer = bell;
	more->former = wired->former;
	more->out = wired->out;
	more->cp = (uint8_t)cp;
	more->way = wired->way;
	return true;
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
