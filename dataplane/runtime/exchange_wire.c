/* exchange_wire.c: an exchange is made, and joined to rings; see exchange.h. */
#include <string.h>
#include "dataplane/runtime/exchange.h"
#include "dataplane/shm/hand.h"

static void wire_in(struct exchange *x, unsigned index, struct rte_ring *ring,
	struct rte_ring *former, unsigned cp);
static void wire_out(struct exchange *x, unsigned index, struct rte_ring *ring,
	struct shm_doorbell *bell);
static void wire_more(struct exchange *x, const struct shm_more *more, unsigned i);
static void note_choices(struct exchange *x);

void
exchange_open(struct exchange *x, struct shm_slot *slot, struct vnf *vnf)
{
	memset(x, 0, sizeof(*x));
	x->slot = slot;
	x->vnf = vnf;
	for (unsigned i = 0; i < SHM_HELD; i++)
		x->free_places[i] = (uint16_t)(SHM_HELD - 1 - i);
	x->n_free = SHM_HELD;
	wire_out(x, EXCHANGE_RETURNS, slot->returns, slot->care);
}

void
exchange_wire(struct exchange *x, const struct shm_wiring *wiring)
{
	exchange_ring(x);
	x->n_wired_outs = 0;
	x->inner = x->inside = x->handed = 0;
	x->n_ins = SHM_CPS;
	x->vnf->scaled = x->slot->spread != NULL;
	for (unsigned cp = 0; cp < SHM_CPS; cp++) {
		wire_in(x, cp, wiring->in[cp].ring, wiring->former[cp], cp);
		x->out_cps[cp] = (uint8_t)cp;
		fork_init(&x->forks[cp], wiring->steer, wiring->path_offset);
		if (wiring->out[cp].ring != NULL)
			fork_add(&x->forks[cp], &wiring->ways[cp], cp);
		wire_out(x, cp, wiring->out[cp].ring, wiring->out[cp].consumer);
		x->vnf->wired[cp] = wiring->out[cp].ring != NULL;
		x->vnf->port_mtu[cp] = wiring->port_mtu[cp];
	}
	for (uint32_t i = 0; i < wiring->n_more; i++)
		wire_more(x, &wiring->more[i], i);
	note_choices(x);
	wire_out(x, EXCHANGE_RETURNS, x->slot->returns, x->slot->care);
}

static void
wire_more(struct exchange *x, const struct shm_more *more, unsigned i)
{
	const unsigned out = EXCHANGE_MORE + i;

	wire_in(x, SHM_CPS + i, more->in.ring, more->former, more->cp);
	x->out_cps[out] = more->cp;
	x->n_ins = SHM_CPS + i + 1;
	wire_out(x, out, more->out.ring, more->out.consumer);
	if (more->out.ring == NULL)
		return;
	fork_add(&x->forks[more->cp], &more->way, out);
	x->vnf->wired[more->cp] = true;
}

static void
note_choices(struct exchange *x)
{
	x->choosing = x->parting = 0;
	for (unsigned cp = 0; cp < SHM_CPS; cp++) {
		x->choosing |= fork_chooses(&x->forks[cp]) ? 1u << cp : 0;
		x->parting |= fork_is_one(&x->forks[cp]) ? 0 : 1u << cp;
	}
}

static void
wire_in(struct exchange *x, unsigned index, struct rte_ring *ring,
	struct rte_ring *former, unsigned cp)
{
	x->ins[index] = ring;
	x->formers[index] = former;
	x->seen[index] = ring != NULL ? ring->cons.tail : 0;
	x->in_cps[index] = (uint8_t)cp;
}

static void
wire_out(struct exchange *x, unsigned index, struct rte_ring *ring,
	struct shm_doorbell *bell)
{
	struct exchange_out *out = &x->outs[index];
	uint32_t usual;

	*out = (struct exchange_out){.ring = ring, .bell = bell};
	if (ring == NULL)
		return;
	usual = index == EXCHANGE_RETURNS ? ring->size : ring->size / RING_PARKING;
	out->margin = RTE_MIN((uint32_t)EXCHANGE_MADE, usual / 4);
	x->wired_outs[x->n_wired_outs++] = (uint8_t)index;
}
