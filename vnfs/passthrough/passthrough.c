/* passthrough.c: the glue of the VNF type `passthrough`: what comes in on one side leaves
 * on the other. The smallest VNF there is, and the one to copy (docs/adding-a-vnf.md).
 */
#include <stdlib.h>
#include "dataplane/sdk/vnf.h"
#include "vnfs/passthrough/side.h"

struct config {
	bool forward;
};

struct passthrough {
	const struct config *config; /* in use [worker]; replaced by swap() */
};

static const char *const cps[] = {"left", "right", NULL};

enum reason { REASON_CLOSED = VNF_REASON_OWN };

static const struct vnf_reason_info reasons[] = {
	{"closed", "forwarding is switched off"},
	{0},
};

static const struct field fields[] = {
	{.name = "forward",
		.type = FIELD_BOOL,
		.offset = offsetof(struct config, forward),
		.dflt = "true",
		.help = "whether anything passes"},
	{0},
};

static int
passthrough_open(struct vnf *vnf, const void *config, struct err *err)
{
	(void)config;
	vnf->self = calloc(1, sizeof(struct passthrough));
	if (vnf->self == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	return 0;
}

/* Nothing to prepare: what the worker uses is the configuration itself. */
static int
passthrough_build(
	struct vnf *vnf, const void *config, void **built, struct faults *faults)
{
	(void)vnf;
	(void)faults;
	*built = (void *)(uintptr_t)config;
	return 0;
}

static void *
passthrough_swap(struct vnf *vnf, void *built)
{
	struct passthrough *self = vnf->self;
	const struct config *before = self->config;

	self->config = built;
	return (void *)(uintptr_t)before;
}

static void
passthrough_destroy(struct vnf *vnf, void *built)
{
	(void)vnf;
	(void)built; /* the configuration is the caller's */
}

static void
passthrough_process(struct vnf *vnf, struct vnf_burst *burst)
{
	const struct passthrough *self = vnf->self;
	const vnf_verdict verdict = self->config->forward
					    ? VNF_FORWARD(side_other(burst->cp))
					    : VNF_DROP(REASON_CLOSED);

	for (unsigned i = 0; i < burst->n; i++)
		burst->verdicts[i] = verdict;
	if (vnf->trace != NULL && self->config->forward)
		for (unsigned i = 0; i < burst->n; i++)
			vnf_steady(vnf->trace, i, &(struct vnf_steady){0});
}

static void
passthrough_close(struct vnf *vnf)
{
	free(vnf->self);
}

static const struct vnf_type passthrough = {
	.api = VNF_API_VERSION,
	.name = "passthrough",
	.summary = "forwards everything from one side to the other",
	.cps = cps,
	.reasons = reasons,
	.fields = fields,
	.config_size = sizeof(struct config),
	.scaling = VNF_SCALE_BY_FLOW,
	.open = passthrough_open,
	.build = passthrough_build,
	.swap = passthrough_swap,
	.destroy = passthrough_destroy,
	.process = passthrough_process,
	.close = passthrough_close,
};

VNF_REGISTER(passthrough);
