/* eal.c: DPDK's environment for this process. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include "common/cores.h"
#include "common/dirs.h"
#include "common/log.h"
#include "common/loop.h"
#include "dataplane/host/buffer.h"
#include "dataplane/host/eal.h"
#include "dataplane/host/huge.h"

#define EAL_ARGS 40
#define PAGES_MS 1000 /* for the pages of VNFs that are just being ended */

struct arguments { /* of rte_eal_init(), with room for their text */
	int n;
	char *list[EAL_ARGS + 1];
	char huge_dir[128];
	char lcores[CORES_MAX * 8];
	char memory[16];
};

static char huge_dir[128]; /* "" while not mounted */

static int start(const struct options *options, struct shm_host **shm, struct err *err);
static int init(const struct options *options, struct err *err);
static void build_arguments(const struct options *options, struct arguments *arguments);
static void add(struct arguments *arguments, const char *name, const char *value);
static void print_lcores(const struct options *options, char *text, size_t size);
static void send_log_to_ours(void);
static ssize_t take_log(void *cookie, const char *text, size_t len);
static int refuse_growth(int socket_id, size_t limit, size_t new_len);
static struct shm_host *make_layout(void);

int
eal_settle_cores(struct options *options, struct err *err)
{
	int rc;

	if (options->cores.n == 0)
		cores_online(&options->cores);
	if (options->io_cores.n == 0)
		options->io_cores = (struct cores){1, {options->cores.cpus[0]}};
	rc = cores_check(&options->cores, "--cores", err);
	return rc < 0 ? rc : cores_check(&options->io_cores, "--io-cores", err);
}

int
eal_start(const struct options *options, struct shm_host **shm, struct err *err)
{
	char path[128];
	int rc = dirs_runtime_path(path, sizeof(path), "huge");

	if (rc < 0)
		return err_set(err, ERR_INVALID, "RENGA_RUNTIME_DIR", NULL,
			"the run-time directory's name is too long");
	rc = huge_mount(path, err); /* frees what a dead predecessor had */
	if (rc < 0)
		return rc;
	snprintf(huge_dir, sizeof(huge_dir), "%s", path);
	rc = huge_await(options->memory_mib, PAGES_MS, err);
	if (rc == 0)
		rc = start(options, shm, err);
	if (rc < 0)
		eal_stop();
	return rc;
}

void
eal_stop(void)
{
	if (rte_eal_get_runtime_dir() != NULL && rte_eal_get_runtime_dir()[0] != '\0')
		rte_eal_cleanup();
	if (huge_dir[0] != '\0') {
		huge_unmount(huge_dir);
		rmdir(huge_dir);
	}
	huge_dir[0] = '\0';
}

void
eal_memory(uint64_t *total_mib, uint64_t *free_mib)
{
	struct rte_malloc_socket_stats stats;

	*total_mib = *free_mib = 0;
	for (unsigned i = 0; i < RTE_MAX_NUMA_NODES; i++)
		if (rte_malloc_get_socket_stats((int)i, &stats) == 0) {
			*total_mib += stats.heap_totalsz_bytes >> 20;
			*free_mib += stats.heap_freesz_bytes >> 20;
		}
}

static int
start(const struct options *options, struct shm_host **shm, struct err *err)
{
	int rc = init(options, err);

	if (rc < 0)
		return rc;
	for (unsigned i = 0; i < rte_socket_count(); i++)
		if (rte_mem_alloc_validator_register(
			    "renga", refuse_growth, rte_socket_id_by_idx(i), 0) < 0)
			return err_sys(err, rte_errno, "cannot stop memory from growing");
	rc = buffer_register(err);
	if (rc < 0)
		return rc;
	*shm = make_layout();
	if (*shm == NULL)
		return err_set(err, ERR_NO_RESOURCE, "--memory", "a larger --memory",
			"no memory for the shared layout, %zu MiB",
			sizeof(struct shm_host) >> 20);
	return 0;
}

static int
init(const struct options *options, struct err *err)
{
	static struct arguments arguments;

	build_arguments(options, &arguments);
	send_log_to_ours();
	if (setenv("RUNTIME_DIRECTORY", dirs_runtime(), 1) < 0)
		return err_sys(err, errno, "cannot set RUNTIME_DIRECTORY");
	if (rte_eal_init(arguments.n, arguments.list) >= 0)
		return 0;
	if (rte_errno == ENOMEM)
		return err_set(err, ERR_NO_RESOURCE, "--memory",
			"a smaller --memory, or more huge pages",
			"DPDK could not reserve %u MiB of huge pages",
			options->memory_mib);
	return err_sys(err, rte_errno, "DPDK does not start (its log lines say more)");
}

static void
build_arguments(const struct options *options, struct arguments *arguments)
{
	snprintf(arguments->huge_dir, sizeof(arguments->huge_dir), "%s", huge_dir);
	snprintf(arguments->memory, sizeof(arguments->memory), "%u", options->memory_mib);
	print_lcores(options, arguments->lcores, sizeof(arguments->lcores));
	add(arguments, "renga-dataplane", NULL);
	add(arguments, "--proc-type", "primary");
	add(arguments, "--file-prefix", "renga");
	add(arguments, "--huge-dir", arguments->huge_dir);
	add(arguments, "-m", arguments->memory);
	add(arguments, "--base-virtaddr", SHM_BASE_VIRTADDR);
	add(arguments, "--lcores", arguments->lcores);
	add(arguments, "--main-lcore", "0");
	add(arguments, "--no-telemetry", NULL);
	add(arguments, "--log-level", "*:warning");
	add(arguments, "--iova-mode", "va"); /* a NIC needs an IOMMU */
	if (!options->pci)
		add(arguments, "--no-pci", NULL);
}

/* EAL's argument list is not const, though it writes none of the strings. */
static void
add(struct arguments *arguments, const char *name, const char *value)
{
	arguments->list[arguments->n++] = (char *)(uintptr_t)name;
	if (value != NULL)
		arguments->list[arguments->n++] = (char *)(uintptr_t)value;
	arguments->list[arguments->n] = NULL;
}

/* "0@(0,1),1@0": the main lcore runs where we were started, each worker on its CPU. */
static void
print_lcores(const struct options *options, char *text, size_t size)
{
	char cpus[CORES_MAX * 5];
	struct cores ours;
	size_t at;

	cores_online(&ours);
	cores_print(&ours, cpus, sizeof(cpus));
	at = (size_t)snprintf(text, size, "0@(%s)", cpus);
	for (unsigned i = 0; i < options->io_cores.n && at < size; i++)
		at += (size_t)snprintf(
			text + at, size - at, ",%u@%d", 1 + i, options->io_cores.cpus[i]);
}

static void
send_log_to_ours(void)
{
	const cookie_io_functions_t functions = {.write = take_log};
	FILE *stream = fopencookie(NULL, "w", functions);

	if (stream == NULL)
		return;
	setvbuf(stream, NULL, _IOLBF, 0);
	rte_openlog_stream(stream);
}

static ssize_t
take_log(void *cookie, const char *text, size_t len)
{
	size_t end = len;

	(void)cookie;
	while (end > 0 && (text[end - 1] == '\n' || text[end - 1] == ' '))
		end--;
	if (end > 0)
		log_warn("dpdk", "text=\"%.*s\"", (int)end, text);
	return (ssize_t)len;
}

/* Growth needs the answer of every secondary, and one of them may be dead. */
static int
refuse_growth(int socket_id, size_t limit, size_t new_len)
{
	(void)socket_id;
	(void)limit;
	(void)new_len;
	return -1;
}

static struct shm_host *
make_layout(void)
{
	struct shm_host *shm =
		rte_zmalloc("renga host", sizeof(*shm), RTE_CACHE_LINE_SIZE);
	struct timespec now;

	if (shm == NULL)
		return NULL;
	clock_gettime(CLOCK_REALTIME, &now);
	shm->magic = SHM_MAGIC;
	shm->size = sizeof(*shm);
	shm->generation = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	shm->pid = getpid();
	shm->tsc_hz = rte_get_tsc_hz();
	shm->sampled_flag = buffer_layout.stamp_flag;
	shm->stamp_offset = buffer_layout.stamp_offset;
	for (uint32_t i = 0; i < SHM_SLOTS; i++)
		shm->slots[i].index = i;
	return shm;
}
