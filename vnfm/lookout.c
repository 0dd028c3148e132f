/* lookout.c: see lookout.h. */
#include <errno.h>
#include <stddef.h>
#include "common/pulse.h"
#include "vnfm/activity.h"
#include "vnfm/lookout.h"
#include "vnfm/manager.h"
#include "vnfm/ports.h"
#include "vnfm/supervisor.h"

#define LOOK_MS 100
#define HUNG_MS 500 /* that the heartbeat of a VNF may stand still */

/* What a dataplane shows of itself. */
static const struct sign {
	const char *name;
	size_t offset; /* of a uint64_t in struct pulse */
	uint64_t patience_ms;
	bool control; /* it may take as long as the operation under way, and is that of
			 the first thread */
} signs[] = {
	{"its process", offsetof(struct pulse, process), 2000, false},
	{"its control thread", offsetof(struct pulse, control), 2500, true},
	{"its I/O worker", offsetof(struct pulse, worker), 2000, false},
};

static void on_look(void *arg);
static void look_at_dataplane(struct manager *manager, const struct pulse *pulse,
	size_t sign, uint64_t passed_ms);
static void look_at_vnf(struct manager *manager, struct object *vnf,
	const struct pulse *pulse, uint64_t passed_ms);
static bool is_hung(
	struct vigil *vigil, enum vigil_verdict verdict, pid_t pid, pid_t tid);
static void look_at_ports(struct manager *manager, const struct pulse *pulse);
static uint64_t read_sign(const uint64_t *sign);

int
lookout_start(struct manager *manager)
{
	struct lookout *lookout = &manager->lookout;
	lookout->looked_ms = loop_now_ms();
	lookout->ports = UINT64_MAX;
	lookout->timer =
		loop_add_timer(manager->loop, LOOK_MS, LOOK_MS, on_look, manager);
	return lookout->timer != NULL ? 0 : -ENOMEM;
}

void
lookout_stop(struct manager *manager)
{
	loop_del(manager->lookout.timer);
	manager->lookout.timer = NULL;
}

/* What stood still while we did not look, or while nobody wrote it down, says nothing. */
static void
on_look(void *arg)
{
	struct manager *manager = arg;
	struct lookout *lookout = &manager->lookout;
	const struct pulse *pulse = manager->dataplane.pulse;
	uint64_t now_ms = loop_now_ms(), passed_ms = now_ms - lookout->looked_ms;
	lookout->looked_ms = now_ms;
	if (manager->dataplane.state != DATAPLANE_READY || pulse == NULL)
		return;
	if (passed_ms > 2 * LOOK_MS)
		passed_ms = 2 * LOOK_MS;
	uint64_t process = read_sign(&pulse->process);
	uint64_t written_ms = process != lookout->process ? passed_ms : 0;
	lookout->process = process;
	look_at_ports(manager, pulse);
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		look_at_dataplane(manager, pulse, i, i == 0 ? passed_ms : written_ms);
	struct object *vnf;
	TAILQ_FOREACH (vnf, &manager->wanted.lists[OBJECT_VNF], entry)
		look_at_vnf(manager, vnf, pulse, written_ms);
}

static void
look_at_dataplane(struct manager *manager, const struct pulse *pulse, size_t index,
	uint64_t passed_ms)
{
	const struct sign *sign = &signs[index];
	struct vigil *vigil = &manager->lookout.dataplane[index];
	const char *bytes = (const char *)pulse;
	uint64_t patience_ms = sign->patience_ms;
	/* Before the sign: it moves at the end of an operation, then the patience ends.
	 */
	uint32_t longer_ms = __atomic_load_n(&pulse->patience_ms, __ATOMIC_ACQUIRE);
	uint64_t now = read_sign((const uint64_t *)(const void *)(bytes + sign->offset));
	pid_t pid = manager->dataplane.pid;
	if (sign->control && longer_ms > patience_ms)
		patience_ms = longer_ms;
	if (is_hung(vigil, vigil_look(vigil, now, passed_ms, patience_ms), pid,
		    sign->control ? pid : 0))
		dataplane_hung(&manager->dataplane, sign->name, vigil->still_ms);
}

static void
look_at_vnf(struct manager *manager, struct object *vnf, const struct pulse *pulse,
	uint64_t passed_ms)
{
	struct vnf_process *process = &vnf->vnf;
	if (process->pid == 0 || process->ready_ms == 0 || process->stop_stage != 0 ||
		process->slot < 0 || process->slot >= PULSE_SLOTS ||
		pulse->slots[process->slot].pid != process->pid)
		return;
	enum vigil_verdict verdict = vigil_look(&process->vigil,
		read_sign(&pulse->slots[process->slot].beat), passed_ms, HUNG_MS);
	if (is_hung(&process->vigil, verdict, process->pid, process->pid))
		supervisor_hung(manager, vnf, process->vigil.still_ms);
}

/* A process that is gone is no matter of ours: its end is told elsewhere. */
static bool
is_hung(struct vigil *vigil, enum vigil_verdict verdict, pid_t pid, pid_t tid)
{
	struct activity activity;
	if (verdict == VIGIL_WELL || activity_read(pid, tid, &activity) != 0)
		return false;
	if (verdict == VIGIL_OVERDUE)
		return vigil_is_hung(vigil, &activity);
	vigil->ran_ns = activity.ran_ns;
	return false;
}

static void
look_at_ports(struct manager *manager, const struct pulse *pulse)
{
	uint64_t ports = read_sign(&pulse->ports);
	if (ports == manager->lookout.ports)
		return;
	manager->lookout.ports = ports;
	ports_ask(manager);
}

static uint64_t
read_sign(const uint64_t *sign)
{
	return __atomic_load_n(sign, __ATOMIC_ACQUIRE);
}
