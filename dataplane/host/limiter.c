/* limiter.c: see limiter.h. */
#include <string.h>
#include <rte_cycles.h>
#include "dataplane/host/limiter.h"

/* The meter adds whole units each whole number of ticks; with so many ticks a unit the
 * rate is right to 0.1 %. */
#define TICKS_PER_UNIT 1000
#define SHIFT_MAX      16

static int set_meter(struct limiter_meter *meter, uint64_t rate, uint64_t burst,
	uint64_t hz, uint64_t tsc);
static bool take_all(struct limiter_meter *meter, uint64_t tsc, uint32_t units);
static bool take(struct limiter_meter *meter, uint64_t tsc, uint32_t units);
static bool is_green(struct limiter_meter *meter, uint64_t tsc, uint32_t units);

int
limiter_set(struct limiter *limiter, const struct limits *limits, uint64_t hz,
	uint64_t tsc, struct err *err)
{
	memset(limiter, 0, sizeof(*limiter));
	rte_spinlock_init(&limiter->lock);
	if (set_meter(&limiter->bytes, limits->rate / 8, limits->burst, hz, tsc) < 0 ||
		set_meter(&limiter->packets, limits->packet_rate, limits->packet_burst,
			hz, tsc) < 0) {
		limiter->bytes.on = limiter->packets.on = false;
		return err_set(err, ERR_INVALID, "limits", NULL,
			"the meter cannot hold this rate");
	}
	limiter->on = limiter->bytes.on || limiter->packets.on;
	return 0;
}

int
limiter_read(struct limiter *limiter, struct limits *limits, const json_t *json,
	struct err *err)
{
	struct faults faults = {0};
	struct limits wanted;
	struct limiter made;
	int rc = limits_parse(json, "limits", &wanted, &faults);

	if (rc < 0)
		faults_first(&faults, err);
	faults_clear(&faults);
	if (rc == 0)
		rc = limiter_set(&made, &wanted, rte_get_tsc_hz(), rte_rdtsc(), err);
	if (rc == 0) {
		*limits = wanted;
		*limiter = made;
	}
	return rc;
}

/* A burst that fits as a whole is asked about once. */
uint32_t
limiter_take(struct limiter *limiter, struct rte_mbuf *const *buffers, unsigned n,
	uint64_t tsc)
{
	uint32_t bytes = 0, passed = 0;
	bool whole_bytes, whole_packets;

	for (unsigned i = 0; i < n; i++)
		bytes += buffers[i]->data_len;
	whole_packets = take_all(&limiter->packets, tsc, n);
	whole_bytes = take_all(&limiter->bytes, tsc, bytes);
	if (whole_packets && whole_bytes)
		return n == 32 ? UINT32_MAX : (1u << n) - 1;
	for (unsigned i = 0; i < n; i++)
		if ((whole_packets || take(&limiter->packets, tsc, 1)) &&
			(whole_bytes || take(&limiter->bytes, tsc, buffers[i]->data_len)))
			passed |= 1u << i;
	return passed;
}

static bool
take_all(struct limiter_meter *meter, uint64_t tsc, uint32_t units)
{
	return !meter->on || (units <= meter->burst && take(meter, tsc, units));
}

/* A frame of more units than the bucket holds takes all of it, and owes the rest. */
static bool
take(struct limiter_meter *meter, uint64_t tsc, uint32_t units)
{
	uint64_t part = RTE_MIN(meter->debt, meter->burst);

	if (!meter->on)
		return true;
	for (; part > 0; part = RTE_MIN(meter->debt, meter->burst)) {
		if (!is_green(meter, tsc, (uint32_t)part))
			return false;
		meter->debt -= part;
	}
	part = RTE_MIN((uint64_t)units, meter->burst);
	if (!is_green(meter, tsc, (uint32_t)part))
		return false;
	meter->debt = units - part;
	return true;
}

static bool
is_green(struct limiter_meter *meter, uint64_t tsc, uint32_t units)
{
	return rte_meter_srtcm_color_blind_check(&meter->state, &meter->profile,
		       tsc << meter->shift, units) == RTE_COLOR_GREEN;
}

/* The meter takes time to tick at the TSC's rate: one that is told of 2^shift times as
 * many ticks, and of so much lower a rate, comes to the same with finer steps. */
static int
set_meter(struct limiter_meter *meter, uint64_t rate, uint64_t burst, uint64_t hz,
	uint64_t tsc)
{
	struct rte_meter_srtcm_params params = {.cbs = burst};

	if (rate == 0)
		return 0;
	while (meter->shift < SHIFT_MAX && (hz << meter->shift) / rate < TICKS_PER_UNIT)
		meter->shift++;
	params.cir = rate >> meter->shift;
	if (rte_meter_srtcm_profile_config(&meter->profile, &params) != 0 ||
		rte_meter_srtcm_config(&meter->state, &meter->profile) != 0)
		return -1;
	meter->state.time = tsc << meter->shift;
	meter->burst = burst;
	meter->on = true;
	return 0;
}
