/* model.h: a network service as checked structs: what every form of descriptor is
 * compiled to.
 *
 * chain.c reads the chain form, nsd_form.c the ETSI form; check.c judges a model and
 * resolves its names; target.c makes of it the objects that a host is wanted to hold.
 * Each part remembers its place in the document that it came from, for faults.
 */
#ifndef ORCHESTRATOR_DESCRIPTOR_MODEL_H
#define ORCHESTRATOR_DESCRIPTOR_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "common/err.h"

#define MODEL_PATH	192
#define MODEL_SHARE_MAX 10000 /* the usual one is 100 */
#define MODEL_REPLICAS	8
#define MODEL_PARTS	512	  /* of any kind, in one list: more than a host can run */
#define MODEL_BUFFERS	(1 << 24) /* packet buffers of a service at most; 1024 at least */
#define MODEL_STATE	(1ULL << 40) /* bytes of instance state of a VNF at most */
#define MODEL_CORE_MAX	1023	     /* number of a CPU */
#define MODEL_NAME_MAX	24   /* of a VNF or a port: "<ns>/<name>" has to fit into an id */
#define MODEL_PATHS	255  /* forwarding paths of a service; their numbers go from 1 */
#define MODEL_WEIGHT	1000 /* of a forwarding path at most; the usual one is 100 */

#define MODEL_AUTO                                                                       \
	"auto-" /* begins the names of groups that are chosen by what is measured */

enum model_isolation {	   /* of VNFs from each other */
	MODEL_PROCESS,	   /* a process for each */
	MODEL_GROUP,	   /* one for all */
	MODEL_AUTO_GROUPS, /* as is best by what is measured: balance.h */
};

struct model_sap { /* service access point: where traffic enters and leaves, at a port */
	char *name;
	json_t *port; /* port object of the contract; null: not bound yet */
	char path[MODEL_PATH];
};

struct model_vnf {
	char *name; /* inside the service: "fw" */
	char *type; /* "firewall"; null until resolved if the document names a package */
	char *vnfd; /* "renga-firewall"; null until resolved if the document names a type
		     */
	json_t *config;		   /* null: the type's defaults */
	int core;		   /* asked for; -1: any */
	unsigned replicas;	   /* processes that share its load; 0: it is not said */
	int cores[MODEL_REPLICAS]; /* of the replicas, in turn */
	unsigned n_cores;
	uint32_t share; /* of its core, as a weight; 0: what the service has */
	char *group;	/* of VNFs that share a process; null: it has its own */
	bool dedicated; /* no other process runs on its core: its flavour (flavour.h) */
	bool alone;	/* asked for: in no group, whatever the service's isolation */
	uint64_t state_size;  /* bytes; 0: what the configuration needs */
	uint64_t state_need;  /* which is this much, once judged */
	json_t *scale, *heal; /* policies (policy_form.h), as written; null: none */
	char path[MODEL_PATH];
	char type_path[MODEL_PATH], config_path[MODEL_PATH], core_path[MODEL_PATH],
		scale_path[MODEL_PATH];
};

struct model_end {     /* of a link: a connection point of a VNF, or a SAP */
	char *element; /* name of the VNF or SAP */
	char *cp;      /* of a VNF; null for a SAP, or until resolved */
	int position;  /* cp is the type's first (0) or second (1); -1: named */
	int vnf, sap;  /* index of the element once resolved; -1: not that kind */
	char path[MODEL_PATH];
};

struct model_link {
	char *name; /* null until resolved: "fw-nat" */
	struct model_end ends[2];
	bool paths[MODEL_PATHS]; /* which of the model's paths take it */
};

struct model_hop { /* of a path: where it comes to an element, and where it goes on */
	struct model_end in, out;
};

/* A network forwarding path: with others it makes up the links of the service. */
struct model_path {
	char *name;
	char *graph;	     /* id of its VNF forwarding graph */
	json_t *description; /* for people; null: none */
	json_t *match;	     /* list of what its packets are like (match.h) */
	bool symmetric;	     /* what is the other way round matches too */
	bool off;	     /* nothing is sent on it now */
	unsigned number;     /* on the host: 1 to MODEL_PATHS; 0: none given yet */
	uint32_t weight;     /* among paths with an equal match */
	struct model_hop *hops;
	size_t n_hops;
	char path[MODEL_PATH];
};

struct model {
	char *name; /* null: an NSD, which names no instance */
	char name_path[MODEL_PATH];
	uint64_t buffers; /* of the service's pool; 0: by its size */
	json_t *limits;	  /* of what enters it (common/limits.h); null: none */
	uint32_t share;	  /* of its VNFs, as a weight; 0: the usual */
	enum model_isolation isolation;
	json_t *affinity; /* affinity.h; null: no rules */
	struct model_sap *saps;
	struct model_vnf *vnfs;
	struct model_link *links; /* of one with paths: made of them when it is checked */
	struct model_path *paths;
	size_t n_saps, n_vnfs, n_links, n_paths;
	bool spare; /* what is on no path may stay */
};

void model_clear(
	struct model *model); /* frees the members; zeroed and half-built ones are fine */

/* Each appends a zeroed (core and indices -1) element and returns it, valid until the
 * next append; null: out of memory. */
struct model_sap *model_add_sap(struct model *model);
struct model_vnf *model_add_vnf(struct model *model);
struct model_link *model_add_link(struct model *model);
struct model_path *model_add_path(struct model *model);
struct model_hop *model_add_hop(struct model_path *path);
/* Before links are made of paths. */
void model_del_path(struct model *model, size_t path);
void model_del_hop(struct model_path *path, size_t hop);
void model_clear_hops(struct model_path *path);

/* Index by name, or -1. */
int model_find_sap(const struct model *model, const char *name);
int model_find_vnf(const struct model *model, const char *name);
int model_find_path(const struct model *model, const char *name);

/* Puts VNFs that say nothing else into the group that the isolation of the service wants;
 * those of MODEL_AUTO_GROUPS are left for placement_group(). */
void model_group(struct model *model);
/* Whether the group of a VNF is for MODEL_AUTO_GROUPS to choose: it asks for no group,
 * process, core or number of replicas, and no policy does, nor does a rule of affinity
 * name it. */
bool model_is_free(const struct model *model, size_t vnf);

/* False, with a fault, for a list or map of more than MODEL_PARTS: what is read of it,
 * and compared with each other, has to have an end. */
bool model_fits(const json_t *parts, const char *path, struct faults *faults);

/* [a-z0-9][a-z0-9-]*, at most max characters. */
bool model_name_ok(const char *name, size_t max);

#endif
