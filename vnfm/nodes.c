/* nodes.c: see nodes.h. */
#include "vnfm/nodes.h"

#include <stdio.h>
#include <unistd.h>

#define NODES_MAX 64

json_t *
nodes_to_json(const char *folder, const struct cores *cores)
{
	json_t *nodes = json_array();
	char path[256];
	for (int node = 0; node < NODES_MAX; node++) {
		json_t *on_it = json_array();
		for (unsigned i = 0; i < cores->n; i++) {
			snprintf(path, sizeof(path), "%.200s/cpu%d/node%d", folder,
				cores->cpus[i], node);
			if (access(path, F_OK) == 0)
				json_array_append_new(
					on_it, json_integer(cores->cpus[i]));
		}
		if (json_array_size(on_it))
			json_array_append_new(nodes,
				json_pack("{s:i, s:O}", "node", node, "cores", on_it));
		json_decref(on_it);
	}
	if (json_array_size(nodes) > 1)
		return nodes;
	json_decref(nodes);
	return NULL;
}
