/* xdp_program.c: see xdp_program.h. */
#include "dataplane/host/xdp_program.h"
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#define QUEUES 64

static int load(int map);
static int attach(int program, const char *interface, bool native);

int
xdp_program_open(struct xdp_program *out, const char *interface, struct err *err)
{
	struct xdp_program made = {.map = -1, .link = -1, .native = true};
	int program = -1, rc = 0;

	made.map = bpf_map_create(BPF_MAP_TYPE_XSKMAP, "renga_sockets", sizeof(uint32_t),
		sizeof(uint32_t), QUEUES, NULL);
	if (made.map >= 0)
		program = load(made.map);
	if (program < 0) {
		rc = err_sys(err, errno, "cannot load an XDP program");
		xdp_program_close(&made);
		return rc;
	}
	made.link = attach(program, interface, true);
	if (made.link == -EOPNOTSUPP || made.link == -EINVAL) {
		made.native = false;
		made.link = attach(program, interface, false);
	}
	close(program);
	if (made.link >= 0) {
		*out = made;
		return 0;
	}
	rc = made.link;
	xdp_program_close(&made);
	if (rc == -EBUSY || rc == -EEXIST)
		return err_set(err, ERR_STATE, "interface",
			"end the other program, or: ip link set dev NAME xdp off",
			"interface '%s' has an XDP program of somebody else", interface);
	return err_sys(err, -rc, "interface '%s' takes no XDP program", interface);
}

int
xdp_program_add(
	const struct xdp_program *program, unsigned queue, int fd, struct err *err)
{
	const uint32_t key = queue, value = (uint32_t)fd;

	if (bpf_map_update_elem(program->map, &key, &value, BPF_ANY) == 0)
		return 0;
	return err_sys(err, errno, "the XDP program does not take an AF_XDP socket");
}

void
xdp_program_close(struct xdp_program *program)
{
	if (program->link >= 0)
		close(program->link);
	if (program->map >= 0)
		close(program->map);
}

/* return bpf_redirect_map(map, ctx->rx_queue_index, XDP_PASS); */
static int
load(int map)
{
	const struct bpf_insn code[] = {
		{.code = BPF_LDX | BPF_MEM | BPF_W,
			.dst_reg = BPF_REG_2,
			.src_reg = BPF_REG_1,
			.off = offsetof(struct xdp_md, rx_queue_index)},
		{.code = BPF_LD | BPF_IMM | BPF_DW,
			.dst_reg = BPF_REG_1,
			.src_reg = BPF_PSEUDO_MAP_FD,
			.imm = map},
		{0}, /* the upper half of the map's number */
		{.code = BPF_ALU64 | BPF_MOV | BPF_K,
			.dst_reg = BPF_REG_3,
			.imm = XDP_PASS},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "renga_redirect", "Apache-2.0", code,
		sizeof(code) / sizeof(code[0]), NULL);
}

/* A bpf_link or a negative errno. */
static int
attach(int program, const char *interface, bool native)
{
	LIBBPF_OPTS(bpf_link_create_opts, options,
		.flags = native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE);
	const int link = bpf_link_create(
		program, (int)if_nametoindex(interface), BPF_XDP, &options);

	return link < 0 ? -errno : link;
}
