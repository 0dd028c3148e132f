/* relay.c: the baseline `relay`: a central process that carries the descriptors from
 * every VNF of a chain to the next one, as OpenNetVM's manager does. What comes in by a
 * connection point leaves by its neighbour: hop<k>-in and hop<k>-out.
 *
 * Honest to it in what costs: every hop goes through a second ring and a process on
 * another CPU, or one that takes the VNFs' CPU away; descriptors are moved in bursts, and
 * packets are not touched. Kinder than it: no service chain is looked up per packet (a
 * wire knows where it leads), packets come from the port and leave for it without being
 * relayed, and it may sleep on our idle ladder instead of spinning.
 */
#include "dataplane/sdk/vnf.h"

static const char *const cps[] = {"hop1-in", "hop1-out", "hop2-in", "hop2-out", "hop3-in",
	"hop3-out", "hop4-in", "hop4-out", "hop5-in", "hop5-out", "hop6-in", "hop6-out",
	"hop7-in", "hop7-out", NULL};

static int
relay_open(struct vnf *vnf, const void *config, struct err *err)
{
	(void)vnf, (void)config, (void)err;
	return 0;
}

static void
relay_process(struct vnf *vnf, struct vnf_burst *burst)
{
	const vnf_verdict verdict = VNF_FORWARD(burst->cp ^ 1);

	(void)vnf;
	for (unsigned i = 0; i < burst->n; i++)
		burst->verdicts[i] = verdict;
}

static void
relay_close(struct vnf *vnf)
{
	(void)vnf;
}

static const struct field fields[] = {{0}};

static const struct vnf_type relay = {
	.api = VNF_API_VERSION,
	.name = "relay",
	.summary = "carries packets between the VNFs of a chain",
	.cps = cps,
	.fields = fields,
	.open = relay_open,
	.process = relay_process,
	.close = relay_close,
};

VNF_REGISTER(relay);
