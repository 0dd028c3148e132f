/* base.h: what a VNF may see of common/: errors, configuration fields, addresses, the
 * log. */
#ifndef DATAPLANE_SDK_BASE_H
#define DATAPLANE_SDK_BASE_H

#include "common/err.h"
#include "common/field.h"
#include "common/log.h"
#include "common/net.h"

#endif
