/* turn.c: see turn.h. */
#include "dataplane/runtime/turn.h"
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "common/fault.h"

#define LOOK_NS 100000000L /* between looks at those who may have ended */

static bool is_cut(int leash);

bool
turn_is_ours(const struct shm_slot *slot, uint32_t turn)
{
	return __atomic_load_n(&slot->turn, __ATOMIC_ACQUIRE) == turn;
}

int
turn_await(const struct shm_host *host, struct shm_slot *slot, uint32_t turn, int leash,
	struct err *err)
{
	const struct timespec look = {.tv_nsec = LOOK_NS};
	bool cut;
	uint32_t now;

	for (;;) {
		cut = is_cut(leash); /* also by who has seen that it is our turn */
		now = __atomic_load_n(&slot->turn, __ATOMIC_ACQUIRE);
		if (now == turn)
			return 0;
		if ((int32_t)(now - turn) > 0)
			return err_set(err, ERR_STATE, NULL, NULL,
				"the turn of process number %u of the VNF is over", turn);
		if (host->shutdown != 0 || (kill(host->pid, 0) != 0 && errno == ESRCH))
			return err_set(err, ERR_UNAVAILABLE, NULL, NULL,
				"the dataplane has ended");
		if (cut)
			return err_set(err, ERR_UNAVAILABLE, NULL, NULL,
				"whoever wanted this successor is gone");
		syscall(SYS_futex, &slot->turn, FUTEX_WAIT, now, &look, NULL, 0);
	}
}

void
turn_pass(struct shm_slot *slot)
{
	FAULT_POINT("turn-drained");
	__atomic_store_n(&slot->pid, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&slot->state, SHM_SLOT_RESERVED, __ATOMIC_RELEASE);
	FAULT_POINT("turn-offered");
	__atomic_store_n(&slot->turn, slot->turn + 1, __ATOMIC_RELEASE);
	FAULT_POINT("turn-passed");
	syscall(SYS_futex, &slot->turn, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static bool
is_cut(int leash)
{
	struct pollfd end = {.fd = leash, .events = POLLIN};

	return leash >= 0 && poll(&end, 1, 0) == 1 && (end.revents & POLLHUP) != 0;
}
