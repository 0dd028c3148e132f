/* side.h: the pure core of passthrough: the two sides of a VNF that has just two. No EAL,
 * no clock, no I/O. */
#ifndef VNFS_PASSTHROUGH_SIDE_H
#define VNFS_PASSTHROUGH_SIDE_H

enum side { SIDE_LEFT, SIDE_RIGHT }; /* as in the table of connection points */

/* The other one. Any thread. */
unsigned side_other(unsigned side);

#endif
