/* strangers.c: a ring of SYNs; see strangers.h. */
#include "vnfs/nat/strangers.h"
#include <stdlib.h>
#include <string.h>

static struct stranger *find(struct strangers *strangers, const struct session_key4 *key);

int
strangers_open(struct strangers *strangers, struct err *err)
{
	*strangers = (struct strangers){
		.list = calloc(STRANGERS_MAX, sizeof(*strangers->list))};
	if (strangers->list == NULL)
		return err_set(err, ERR_NO_RESOURCE, NULL, NULL, "out of memory");
	return 0;
}

void
strangers_close(struct strangers *strangers)
{
	free(strangers->list);
	strangers->list = NULL;
}

void
strangers_add(struct strangers *strangers, const struct session_key4 *key,
	const uint8_t *frame, const struct pkt_info *info, uint64_t now_ns)
{
	if (strangers->n == STRANGERS_MAX || find(strangers, key) != NULL)
		return;
	struct stranger *s =
		&strangers->list[(strangers->first + strangers->n++) % STRANGERS_MAX];

	s->key = *key;
	s->due_ns = now_ns + STRANGERS_WAIT_NS;
	s->met = false;
	s->info = *info;
	if (s->info.end > STRANGERS_QUOTE)
		s->info.end = STRANGERS_QUOTE;
	memcpy(s->frame, frame, s->info.end);
}

void
strangers_meet(struct strangers *strangers, const struct session_key4 *key)
{
	struct stranger *s = find(strangers, key);

	if (s != NULL)
		s->met = true;
}

const struct stranger *
strangers_due(struct strangers *strangers, uint64_t now_ns)
{
	while (strangers->n > 0) {
		const struct stranger *s = &strangers->list[strangers->first];

		if (s->due_ns > now_ns)
			return NULL;
		strangers->first = (strangers->first + 1) % STRANGERS_MAX;
		strangers->n--;
		if (!s->met)
			return s;
	}
	return NULL;
}

static struct stranger *
find(struct strangers *strangers, const struct session_key4 *key)
{
	for (uint32_t i = 0; i < strangers->n; i++) {
		struct stranger *s =
			&strangers->list[(strangers->first + i) % STRANGERS_MAX];

		if (memcmp(&s->key, key, sizeof(*key)) == 0)
			return s;
	}
	return NULL;
}
