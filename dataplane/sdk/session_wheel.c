/* session_wheel.c: the timer wheel of the session table: one list of records per slot of
 * time. */
#include "dataplane/sdk/session_parts.h"

#define ONCE_AROUND ((int32_t)SESSION_WHEEL_SLOTS - 2) /* more need not be looked at */

static void wheel_link(struct session_table *t, uint32_t i, uint64_t due);

unsigned
session_due(struct session_table *t, uint64_t now_ns, session_ref *refs, unsigned max)
{
	uint32_t now = now_ns >> SESSION_TICK_SHIFT;
	unsigned n = 0, looks = 4 * max;

	if ((int32_t)(now - t->tick) > ONCE_AROUND)
		t->tick = now - ONCE_AROUND;
	while ((int32_t)(now - t->tick) >= 0 && n < max && looks > 0) {
		uint32_t i = t->slots[t->tick % SESSION_WHEEL_SLOTS];

		if (i == SESSION_NIL) {
			if (t->tick == now)
				break;
			t->tick++;
			continue;
		}
		looks--;
		session_wheel_del(t, i);
		if (session_at(t, i)->expires_ns <= now_ns) {
			refs[n++] = i << 1;
			wheel_link(t, i, (uint64_t)now + 1);
		} else {
			session_wheel_add(t, i);
		}
	}
	return n;
}

void
session_rearm(struct session_table *t, uint32_t i)
{
	session_wheel_del(t, i);
	session_wheel_add(t, i);
}

void
session_wheel_add(struct session_table *t, uint32_t i)
{
	wheel_link(t, i, (session_at(t, i)->expires_ns >> SESSION_TICK_SHIFT) + 1);
}

/* Into the slot of that tick, or the nearest that the wheel has: behind the hand, before
 * the hand again. */
static void
wheel_link(struct session_table *t, uint32_t i, uint64_t due)
{
	uint64_t first = (uint64_t)t->tick + 1, last = first + SESSION_WHEEL_SLOTS - 2;
	uint32_t tick = due < first ? first : due > last ? last : due;
	uint32_t *head = &t->slots[tick % SESSION_WHEEL_SLOTS];

	session_at(t, i)->due = tick;
	t->links[i] = (struct session_link){.next = *head, .prev = SESSION_NIL};
	if (*head != SESSION_NIL)
		t->links[*head].prev = i;
	*head = i;
}

void
session_wheel_del(struct session_table *t, uint32_t i)
{
	struct session_link link = t->links[i];

	if (link.prev != SESSION_NIL)
		t->links[link.prev].next = link.next;
	else
		t->slots[session_at(t, i)->due % SESSION_WHEEL_SLOTS] = link.next;
	if (link.next != SESSION_NIL)
		t->links[link.next].prev = link.prev;
}
