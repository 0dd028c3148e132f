/* converge.h: what to do next about an object, by comparing what is wanted with what is
 * there. Pure.
 *
 * Called again whenever anything changed; as long as an object's next step waits for
 * another object, for an answer or for a time, the answer is CONVERGE_NONE. So the order
 * of building up (service, ports and slots, links, processes) and of taking apart follows
 * from the conditions alone, and a lost dataplane needs no plan of its own: nothing is
 * applied any more, and everything is put again.
 */
#ifndef VNFM_CONVERGE_H
#define VNFM_CONVERGE_H

#include <stdint.h>
#include "vnfm/wanted.h"

enum converge_action {
	CONVERGE_NONE,
	CONVERGE_PUT,	  /* give the dataplane the wanted document */
	CONVERGE_DEL,	  /* have the dataplane take it apart */
	CONVERGE_CLEAR,	  /* have the dataplane settle the slot of a dead process */
	CONVERGE_SPAWN,	  /* start the process of a VNF, and of all of its group */
	CONVERGE_MOVE,	  /* it is not in the process that it should be in: have it
			     succeeded */
	CONVERGE_SUCCEED, /* start a successor of the process of a VNF and its group */
	CONVERGE_REJOIN,  /* end its process, to be started with the rest of its group */
	CONVERGE_STOP,	  /* ask its process to end, more and more firmly */
	CONVERGE_FORGET,  /* nothing is left of it: drop the object */
};

/* ready: the dataplane takes requests. *due_ms is lowered to when to ask again, if time
 * matters. */
enum converge_action converge_next(const struct wanted *wanted,
	const struct object *object, bool ready, uint64_t now_ms, uint64_t *due_ms);

#endif
