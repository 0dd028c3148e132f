/* attach.c: see attach.h. */
#include "dataplane/runtime/attach.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_memory.h>
#include "common/dirs.h"

static int start_eal(const struct attach_spec *spec, struct err *err);
static int check_host(const struct shm_host *host, struct err *err);
static int check_slot(
	const struct shm_slot *slot, const struct attach_spec *spec, struct err *err);

int
attach(const struct attach_spec *spec, struct shm_host **host, struct shm_slot **slot,
	struct err *err)
{
	struct shm_host *found = (struct shm_host *)(uintptr_t)spec->shm;
	int rc;

	if (spec->slot >= SHM_SLOTS)
		return err_set(err, ERR_INVALID, "--slot", NULL,
			"there are slots 0 to %d", SHM_SLOTS - 1);
	rc = start_eal(spec, err);
	if (rc == 0)
		rc = check_host(found, err);
	if (rc == 0)
		rc = check_slot(&found->slots[spec->slot], spec, err);
	if (rc != 0)
		return rc;
	*host = found;
	*slot = &found->slots[spec->slot];
	return 0;
}

static int
start_eal(const struct attach_spec *spec, struct err *err)
{
	char lcores[32];
	const char *args[] = {"renga-vnf", "--proc-type=secondary", "--file-prefix=renga",
		"--lcores", lcores, "--base-virtaddr=" SHM_BASE_VIRTADDR, "--no-pci",
		"--no-telemetry", "--force-max-simd-bitwidth=512",
		"--log-level=*:warning", NULL};

	snprintf(
		lcores, sizeof(lcores), "%u@%u", SHM_LCORE_BASE + spec->slot, spec->core);
	if (setenv("RUNTIME_DIRECTORY", dirs_runtime(), 1) != 0)
		return err_sys(err, errno, "cannot set RUNTIME_DIRECTORY");
	if (rte_eal_init((int)RTE_DIM(args) - 1, (char **)(uintptr_t)args) < 0)
		return err_set(err, ERR_UNAVAILABLE, NULL,
			"see the log; is the dataplane up?",
			"cannot attach to the dataplane's memory: %s",
			rte_strerror(rte_errno));
	if (rte_lcore_id() != SHM_LCORE_BASE + spec->slot)
		return err_set(err, ERR_INTERNAL, NULL, NULL,
			"DPDK gave us lcore %u instead of %u", rte_lcore_id(),
			SHM_LCORE_BASE + spec->slot);
	return 0;
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

static int
check_slot(const struct shm_slot *slot, const struct attach_spec *spec, struct err *err)
{
	if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != SHM_SLOT_RESERVED)
		return err_set(err, ERR_STATE, "--slot", NULL, "slot %u is not reserved",
			spec->slot);
	if (strcmp(slot->id, spec->id) != 0 || strcmp(slot->type, spec->type) != 0)
		return err_set(err, ERR_STATE, "--slot", NULL,
			"slot %u is reserved for the %s %s", spec->slot, slot->type,
			slot->id);
	return 0;
}
