/* trie.c: entries put into an rte_acl trie; see trie.h. */
#include "vnfs/firewall/trie.h"

#include <stdio.h>
#include <string.h>
#include <rte_memory.h>
#include "vnfs/firewall/entry.h"

static struct rte_acl_ctx *create_acl(const struct entry_layout *layout);
static int add_entry(void *acl, const struct entry *entry);
static int build_acl(struct rte_acl_ctx *acl, const struct entry_layout *layout);

int
trie_compile(struct rte_acl_ctx **trie, const struct fw_config *config, uint8_t family,
	struct err *err)
{
	struct rte_acl_ctx *acl = NULL;
	struct entry_layout layout;
	int rc;

	*trie = NULL;
	rc = entry_survey(&layout, config, family);
	if (rc == 0 && layout.n_entries == 0)
		return 0;
	if (rc == 0)
		acl = create_acl(&layout);
	if (acl == NULL)
		return err_set(err, ERR_NO_RESOURCE, "rules", NULL,
			"no memory for the %ju combinations of the IPv%u rules",
			(uintmax_t)layout.n_entries, family);
	rc = entry_each(&layout, config, family, add_entry, acl);
	if (rc == 0)
		rc = build_acl(acl, &layout);
	if (rc < 0) {
		rte_acl_free(acl);
		return err_set(err, ERR_NO_RESOURCE, "rules",
			"use fewer rules or wildcards",
			"the IPv%u rules cannot be compiled: %s", family, strerror(-rc));
	}
	*trie = acl;
	return 0;
}

static struct rte_acl_ctx *
create_acl(const struct entry_layout *layout)
{
	static unsigned serial; /* two of one name would be one */
	char name[RTE_ACL_NAMESIZE];
	struct rte_acl_param param = {.name = name,
		.socket_id = SOCKET_ID_ANY,
		.rule_size = RTE_ACL_RULE_SZ(layout->n),
		.max_rule_num = layout->n_entries};

	snprintf(name, sizeof(name), "firewall-%u",
		__atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED));
	return rte_acl_create(&param);
}

static int
add_entry(void *acl, const struct entry *entry)
{
	return rte_acl_add_rules(acl, (const struct rte_acl_rule *)entry, 1);
}

static int
build_acl(struct rte_acl_ctx *acl, const struct entry_layout *layout)
{
	struct rte_acl_config config = {.num_categories = 1, .num_fields = layout->n};

	memcpy(config.defs, layout->defs, layout->n * sizeof(config.defs[0]));
	return rte_acl_build(acl, &config);
}
