/* side.c: see side.h. */
#include "vnfs/passthrough/side.h"

unsigned
side_other(unsigned side)
{
	return side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
}
