/* pulse_thread.c: the thread that keeps the life signs. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <poll.h>
#include <unistd.h>
#include <rte_common.h>
#include "common/log.h"
#include "common/priority.h"
#include "dataplane/host/pulse_thread.h"

_Static_assert(PULSE_SLOTS == SHM_SLOTS, "a pulse for each slot");

struct pulse_thread {
	struct pulse *pulse;
	const struct shm_host *shm;
	struct lockprobe *probe;
	int end; /* readable: the thread should end */
	pthread_t thread;
};

static int start_thread(struct pulse_thread *thread);
static void *run(void *arg);
static void copy_signs(const struct pulse_thread *thread);
static void end_hard(const struct pulse_thread *thread, const char *lock);

int
pulse_thread_start(struct pulse *pulse, const struct shm_host *shm,
	struct lockprobe *probe, struct pulse_thread **out, struct err *err)
{
	struct pulse_thread *thread = malloc(sizeof(*thread));
	int error;

	if (thread == NULL)
		return err_sys(err, ENOMEM, "cannot keep life signs");
	*thread = (struct pulse_thread){.pulse = pulse,
		.shm = shm,
		.probe = probe,
		.end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	error = thread->end < 0 ? errno : start_thread(thread);
	if (error == 0) {
		*out = thread;
		return 0;
	}
	if (thread->end >= 0)
		close(thread->end);
	free(thread);
	return err_sys(err, error, "cannot keep life signs");
}

void
pulse_thread_stop(struct pulse_thread *thread)
{
	if (thread == NULL)
		return;
	eventfd_write(thread->end, 1);
	pthread_join(thread->thread, NULL);
	close(thread->end);
	free(thread);
}

/* The thread takes no signals: they are for the control thread's loop. */
static int
start_thread(struct pulse_thread *thread)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread->thread, NULL, run, thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void *
run(void *arg)
{
	struct pulse_thread *thread = arg;
	struct pollfd end = {.fd = thread->end, .events = POLLIN};
	const char *lock;

	priority_set(PRIORITY_KEEPER);
	while (poll(&end, 1, PULSE_MOVES_MS) <= 0) {
		copy_signs(thread);
		lock = lockprobe_lost(thread->probe);
		if (lock != NULL)
			end_hard(thread, lock);
	}
	return NULL;
}

static void
copy_signs(const struct pulse_thread *thread)
{
	struct pulse *pulse = thread->pulse;
	const struct shm_slot *slot;

	for (unsigned i = 0; i < SHM_SLOTS; i++) {
		slot = &thread->shm->slots[i];
		pulse->slots[i].pid = __atomic_load_n(&slot->pid, __ATOMIC_RELAXED);
		__atomic_store_n(&pulse->slots[i].beat,
			__atomic_load_n(&slot->heartbeat, __ATOMIC_RELAXED),
			__ATOMIC_RELAXED);
	}
	__atomic_store_n(&pulse->worker,
		__atomic_load_n(&thread->shm->heartbeat, __ATOMIC_RELAXED),
		__ATOMIC_RELAXED);
	__atomic_store_n(&pulse->process, pulse->process + 1, __ATOMIC_RELEASE);
}

/* Nothing can be taken apart: that needs the lock. */
static void
end_hard(const struct pulse_thread *thread, const char *lock)
{
	snprintf(thread->pulse->last_words, sizeof(thread->pulse->last_words),
		"a dead process left a lock of shared memory locked: %s", lock);
	log_error("lock lost", "lock=\"%s\" next=\"exit with code %d\"", lock,
		LOCKPROBE_EXIT);
	_exit(LOCKPROBE_EXIT);
}
