/* attach.c: see attach.h. */
#include "dataplane/runtime/attach.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memory.h>
#include "common/cores.h"
#include "common/dirs.h"

static int start_eal(unsigned lcore, struct err *err);
static void print_lcores(unsigned lcore, char *text, size_t size);
static int check_host(const struct shm_host *host, struct err *err);

int
attach(const struct attach_spec *spec, struct shm_host **host, struct err *err)
{
	struct shm_host *found = (struct shm_host *)(uintptr_t)spec->shm;
	int rc = start_eal(spec->lcore, err);

	if (rc == 0)
		rc = check_host(found, err);
	if (rc == 0)
		*host = found;
	return rc;
}

int
attach_slot(struct shm_host *host, unsigned index, const char *id, const char *type,
	struct shm_slot **out, struct err *err)
{
	struct shm_slot *slot = &host->slots[index];

	if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == SHM_SLOT_FREE)
		return err_set(
			err, ERR_STATE, "--slot", NULL, "slot %u is not reserved", index);
	if (strcmp(slot->id, id) != 0 || strcmp(slot->type, type) != 0)
		return err_set(err, ERR_STATE, "--slot", NULL,
			"slot %u is reserved for the %s %s", index, slot->type, slot->id);
	*out = slot;
	return 0;
}

int
attach_pin(unsigned cpu, struct err *err)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		return err_sys(err, errno, "cannot run on CPU %u", cpu);
	return 0;
}

static int
start_eal(unsigned lcore, struct err *err)
{
	char lcores[CORES_MAX * 5 + 16];
	const char *args[] = {"renga-vnf", "--proc-type=secondary", "--file-prefix=renga",
		"--lcores", lcores, "--base-virtaddr=" SHM_BASE_VIRTADDR, "--no-pci",
		"--no-telemetry", "--force-max-simd-bitwidth=512",
		"--log-level=*:warning", NULL};

	print_lcores(lcore, lcores, sizeof(lcores));
	if (setenv("RUNTIME_DIRECTORY", dirs_runtime(), 1) != 0)
		return err_sys(err, errno, "cannot set RUNTIME_DIRECTORY");
	if (rte_eal_init((int)RTE_DIM(args) - 1, (char **)(uintptr_t)args) < 0)
		return err_set(err, ERR_UNAVAILABLE, NULL,
			"see the log; is the dataplane up?",
			"cannot attach to the dataplane's memory: %s",
			rte_strerror(rte_errno));
	if (rte_lcore_id() != lcore)
		return err_set(err, ERR_INTERNAL, NULL, NULL,
			"DPDK gave us lcore %u instead of %u", rte_lcore_id(), lcore);
	return 0;
}

/* "17@(0,1)": on whatever CPUs we may run on now. */
static void
print_lcores(unsigned lcore, char *text, size_t size)
{
	char cpus[CORES_MAX * 5];
	struct cores ours;

	cores_online(&ours);
	cores_print(&ours, cpus, sizeof(cpus));
	snprintf(text, size, "%u@(%s)", lcore, cpus);
}

static int
check_host(const struct shm_host *host, struct err *err)
{
	const char *end = (const char *)host + sizeof(*host) - 1;

	if (rte_mem_virt2memseg_list(host) == NULL ||
		rte_mem_virt2memseg_list(end) == NULL)
		return err_set(err, ERR_INVALID, "--shm", NULL,
			"the address is not in the dataplane's memory");
	if (host->magic != SHM_MAGIC || host->size != sizeof(*host))
		return err_set(err, ERR_UNSUPPORTED, NULL, "install both of one version",
			"the dataplane was built with another layout");
	if (host->shutdown != 0 || (kill(host->pid, 0) != 0 && errno == ESRCH))
		return err_set(
			err, ERR_UNAVAILABLE, NULL, NULL, "the dataplane has ended");
	return 0;
}
