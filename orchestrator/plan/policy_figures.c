/* policy_figures.c: see policy_figures.h. */
#include "orchestrator/plan/policy_figures.h"

#include <string.h>
#include "orchestrator/plan/replicas.h"

/* Of one replica; false: it does not tell. */
typedef bool value_fn(
	const json_t *before, const json_t *after, double seconds, double *value);

static value_fn busy, rate, ring, sessions;
static value_fn *const values[POLICY_METRICS] = {[POLICY_BUSY] = busy,
	[POLICY_RATE] = rate,
	[POLICY_RING] = ring,
	[POLICY_SESSIONS] = sessions};

static bool is_of(const json_t *one, const char *vnf);
static const json_t *find(const json_t *stats, const json_t *id);
static double received(const json_t *one);
static bool number(const json_t *value, double *out);

void
policy_figures_take(int metric, const char *vnf, const json_t *before,
	const json_t *after, double seconds, struct policy_sample *sample)
{
	double sum = 0, most = 0, value;
	unsigned n = 0;
	size_t i;
	json_t *one;
	json_array_foreach (json_object_get(after, "vnfs"), i, one) {
		const json_t *was = find(before, json_object_get(one, "id"));
		if (!is_of(one, vnf) || !values[metric](was, one, seconds, &value))
			continue;
		n++;
		sum += value;
		most = value > most ? value : most;
	}
	sample->measured = n > 0 && n == sample->replicas;
	sample->value = !sample->measured ? 0 : metric == POLICY_RING ? most : sum / n;
}

static bool
busy(const json_t *before, const json_t *after, double seconds, double *value)
{
	(void)before;
	(void)seconds;
	if (!number(json_object_get(after, "busy"), value))
		return false;
	*value *= 100;
	return true;
}

/* One that began anew tells nothing yet. */
static bool
rate(const json_t *before, const json_t *after, double seconds, double *value)
{
	*value = before && seconds > 0 ? (received(after) - received(before)) / seconds
				       : -1;
	return *value >= 0;
}

static bool
ring(const json_t *before, const json_t *after, double seconds, double *value)
{
	const json_t *told = json_object_get(after, "ring");
	double fill, size;
	(void)before;
	(void)seconds;
	if (!number(json_object_get(told, "fill"), &fill) ||
		!number(json_object_get(told, "size"), &size) || size <= 0)
		return false;
	*value = 100 * fill / size;
	return true;
}

static bool
sessions(const json_t *before, const json_t *after, double seconds, double *value)
{
	(void)before;
	(void)seconds;
	return number(json_object_get(after, "sessions"), value);
}

static bool
is_of(const json_t *one, const char *vnf)
{
	char of[64];
	const char *id = json_string_value(json_object_get(one, "id"));
	return id && strcmp(replicas_of(id, of, sizeof(of)), vnf) == 0;
}

static const json_t *
find(const json_t *stats, const json_t *id)
{
	size_t i;
	json_t *one;
	json_array_foreach (json_object_get(stats, "vnfs"), i, one)
		if (json_equal(json_object_get(one, "id"), id))
			return one;
	return NULL;
}

static double
received(const json_t *one)
{
	double sum = 0;
	const char *name;
	json_t *cp;
	json_object_foreach (json_object_get(one, "cps"), name, cp)
		sum += json_number_value(json_object_get(cp, "rxPackets"));
	return sum;
}

static bool
number(const json_t *value, double *out)
{
	*out = json_number_value(value);
	return json_is_number(value);
}
