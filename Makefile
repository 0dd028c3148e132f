# Renga: one non-recursive make. Every folder with code has a module.mk that says in `<folder>_USES` what it
# links with, which is also all that it may include (tools/check-includes holds it to that).
#
#	make            build everything            make check      build and run every test
#	make deps       install Debian packages     make demo       the platform at work, in a minute
#	make bench      measure                     make lint       style, include rules, static analysis
#	make install DESTDIR= PREFIX=               make fault      kill everything, a thousand times
#	make conformance  prove every requirement   make clean
#
# Variables: CC=gcc|clang, SAN=address,undefined, BUILD=dir, ARCH=x86-64-v3|native, ONLY=pattern (check),
# FAULT_POINTS=1 (common/fault.h), FAULTS=kills (fault), TIERS="unit scenario fuzz system" (conformance).

CC      ?= gcc
ARCH    ?= x86-64-v3
SAN     ?=
PREFIX  ?= /usr/local
VERSION := $(shell cat VERSION)
comma   := ,
BUILD   ?= build$(if $(filter-out gcc,$(CC)),-$(CC))$(if $(SAN),-san)$(if $(FAULT_POINTS),-fault)
ifeq ($(origin CC),default)
CC := gcc
endif

WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla \
	  -Wformat=2 -Werror
OPT    := $(if $(SAN),-O1 -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=undefined,-O3)
CFLAGS += -std=gnu17 $(OPT) $(if $(SAN),-g1,-g) -march=$(ARCH) -mprfchw -fPIC -fno-semantic-interposition $(WARN) -D_GNU_SOURCE -I. -MMD -MP \
	  $(if $(FAULT_POINTS),-DRENGA_FAULT_POINTS) -DRENGA_VERSION='"$(VERSION)"'
LDFLAGS += -Wl,--as-needed -Wl,-z,now $(if $(SAN),-fsanitize=$(SAN))

.DEFAULT_GOAL := all
.SECONDARY:
.DELETE_ON_ERROR:

# ---- packages: pkg-config once each; DPDK's headers as system headers -------------------------------------------

pkg_cflags = $(foreach p,$(1),$(call pkg_cflags_$(if $(filter libdpdk%,$(p)),dpdk,one),$(p)))
pkg_cflags_one = $(eval PKG_CF_$(1) ?= $(shell pkg-config --cflags $(1)))$(PKG_CF_$(1))
pkg_cflags_dpdk = -DALLOW_EXPERIMENTAL_API -isystem /usr/include/dpdk \
	-isystem /usr/include/$(shell $(CC) -print-multiarch 2>/dev/null || echo x86_64-linux-gnu)/dpdk \
	-include rte_config.h
pkg_libs = $(foreach p,$(filter-out libdpdk-headers,$(1)),$(call pkg_libs_$(if $(filter libdpdk,$(p)),dpdk,one),$(p)))
pkg_libs_one = $(eval PKG_LD_$(1) ?= $(shell pkg-config --libs $(1)))$(PKG_LD_$(1))
pkg_libs_dpdk = $(call pkg_libs_one,libdpdk) -lrte_bus_vdev

# DPDK libraries inside renga-vnf and the test programs that load plug-ins: linked whole, since plug-ins find
# them in the executable. Their shared allocator and lists are replaced by private ones (docs/adr/0002).
DPDK_VNF_LIBS := rte_hash rte_acl rte_fib rte_rib rte_lpm rte_member rte_ip_frag rte_meter rte_rcu rte_net rte_mbuf \
		 rte_mempool rte_mempool_ring rte_ring rte_ethdev rte_timer rte_eal rte_telemetry rte_kvargs
WRAP := $(addprefix -Wl$(comma)--wrap=,rte_malloc rte_malloc_socket rte_zmalloc rte_zmalloc_socket rte_calloc \
	rte_calloc_socket rte_realloc rte_realloc_socket rte_free rte_memzone_reserve rte_memzone_reserve_aligned \
	rte_memzone_free rte_mem_virt2iova rte_eal_tailq_register rte_mcfg_tailq_read_lock rte_mcfg_tailq_read_unlock \
	rte_mcfg_tailq_write_lock rte_mcfg_tailq_write_unlock rte_mcfg_mempool_read_lock \
	rte_mcfg_mempool_read_unlock rte_mcfg_mempool_write_lock rte_mcfg_mempool_write_unlock \
	rte_mcfg_mem_read_lock rte_mcfg_mem_read_unlock \
	eal_cpu_detected eal_cpu_core_id eal_cpu_socket_id)
DPDK_VNF_LD := -Wl,--whole-archive $(DPDK_VNF_LIBS:%=-l:lib%.a) -Wl,--no-whole-archive -lbsd -lm -lnuma -ldl -lpthread

# ---- modules ------------------------------------------------------------------------------------------------------

MODULES := $(sort $(patsubst ./%/module.mk,%,$(shell find . -name module.mk -not -path './build*')))
include $(MODULES:%=%/module.mk)
VNFS := $(sort $(patsubst vnfs/%/,%,$(dir $(wildcard vnfs/*/*.c))))
$(foreach v,$(VNFS),$(eval vnfs/$(v)_USES := dataplane/sdk dataplane/pkt)$(eval vnfs/$(v)_PKGS := jansson libdpdk-headers))
VNF_MODULES := $(VNFS:%=vnfs/%)

srcs  = $(filter-out %/main.c,$(wildcard $(1)/*.c))
objs  = $(patsubst %.c,$(BUILD)/obj/%.o,$(call srcs,$(1)))
lib   = $(BUILD)/lib/$(subst /,-,$(1)).a
# everything a module links with, itself first, then by depth
close = $(if $(1),$(1) $(call close,$(sort $(filter-out $(2) $(1),$(foreach m,$(1),$($(m)_USES)))),$(2) $(1)))
uses  = $(call close,$(1),)
libs  = $(foreach m,$(1),$(if $(call srcs,$(m)),$(call lib,$(m))))
pkgs  = $(sort $(foreach m,$(1),$($(m)_PKGS)))

define MODULE_RULES
$$(call objs,$(1)) $(BUILD)/obj/$(1)/main.o: CFLAGS += $$(call pkg_cflags,$$(call pkgs,$$(call uses,$(1))))
$$(call lib,$(1)): $$(call objs,$(1))
	@mkdir -p $$(@D); rm -f $$@; ar rcs $$@ $$^
endef
$(foreach m,$(MODULES) $(VNF_MODULES),$(eval $(call MODULE_RULES,$(m))))

$(BUILD)/obj/%.o: %.c | $(BUILD)/.deps
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(CC) $(CFLAGS) -c -o $@ $<

# ---- programs -----------------------------------------------------------------------------------------------------

PROGRAM_MODULES := $(foreach m,$(MODULES),$(if $($(m)_PROGRAM),$(if $(wildcard $(m)/main.c),$(m))))
PROGRAMS := $(foreach m,$(PROGRAM_MODULES),$(BUILD)/bin/$($(m)_PROGRAM))

# $(1) output, $(2) objects, $(3) modules, $(4) plug-in host? $(5) further packages
define LINK
	@mkdir -p $(dir $(1))
	@echo "  LD  $(1)"
	@$(CC) -o $(1) $(2) $(if $(4),-rdynamic $(WRAP) -Wl$(comma)--whole-archive $(call libs,$(3)) \
		-Wl$(comma)--no-whole-archive $(DPDK_VNF_LD),-Wl$(comma)--start-group $(call libs,$(3)) \
		-Wl$(comma)--end-group) $(LDFLAGS) $(call pkg_libs,$(call pkgs,$(3)) $(5)) -lpthread
endef

define PROGRAM_RULES
$(BUILD)/bin/$($(1)_PROGRAM): $(BUILD)/obj/$(1)/main.o $(call libs,$(call uses,$($(1)_PROGRAM_USES)))
	$$(call LINK,$$@,$$<,$$(call uses,$($(1)_PROGRAM_USES)),$($(1)_PROGRAM_PLUGIN_HOST))
endef
$(foreach m,$(PROGRAM_MODULES),$(eval $(call PROGRAM_RULES,$(m))))

# $(1) type, $(2) the folder that its folder is in
PLUGINS := $(VNFS:%=$(BUILD)/vnfs/%.so)
define PLUGIN_RULES
$(BUILD)/$(2)/$(1).so: $$(call objs,$(2)/$(1))
	@mkdir -p $$(@D)
	@echo "  SO  $$@"
	@$(CC) -shared -Wl,-Bsymbolic-functions -o $$@ $$^ $(WRAP) $(if $(SAN),-fsanitize=$(SAN))
endef
$(foreach v,$(VNFS),$(eval $(call PLUGIN_RULES,$(v),vnfs)))

# ---- tests and benchmarks -------------------------------------------------------------------------------------------
# tests/unit/<module>/test_<noun>.c is one program, linked with that module; tests/lib/*.c with all of them.

UNIT_SRCS  := $(sort $(shell find tests/unit -name 'test_*.c' 2>/dev/null))
UNIT_TESTS := $(UNIT_SRCS:tests/unit/%.c=$(BUILD)/tests/unit/%)
test_mod   = $(patsubst tests/unit/%/,%,$(dir $(1)))
test_host  = $(filter vnfs/% dataplane/sdk dataplane/runtime,$(call test_mod,$(1)))
TESTLIB_MODULES := dataplane/sdk
TESTLIB := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/lib/*.c))
$(TESTLIB): CFLAGS += $(call pkg_cflags,cmocka jansson libdpdk-headers)

define UNIT_RULES
$(patsubst %.c,$(BUILD)/obj/%.o,$(1)): CFLAGS += $$(call pkg_cflags,$$(call pkgs,$$(call uses,$(call test_mod,$(1)))) cmocka jansson)
$(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(1)): $(patsubst %.c,$(BUILD)/obj/%.o,$(1)) \
		$$(call libs,$$(call uses,$(call test_mod,$(1)))) $(if $(test_host),$(TESTLIB))
	$$(call LINK,$$@,$$< $(if $(call test_host,$(1)),$(TESTLIB)),$$(call uses,$(call test_mod,$(1))),$(call test_host,$(1)),cmocka)
endef
$(foreach t,$(UNIT_SRCS),$(eval $(call UNIT_RULES,$(t))))

# Text scenarios run plug-ins in one process, without huge pages.
SCENARIO_OBJS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/scenario/*.c))
SCENARIO := $(if $(SCENARIO_OBJS),$(BUILD)/bin/renga-scenario)
$(SCENARIO_OBJS): CFLAGS += $(call pkg_cflags,jansson libdpdk-headers)
$(BUILD)/bin/renga-scenario: $(SCENARIO_OBJS) $(TESTLIB) $(call libs,$(call uses,dataplane/runtime))
	$(call LINK,$@,$(SCENARIO_OBJS) $(TESTLIB),$(call uses,dataplane/runtime),yes,cmocka)

# Every capture, and mutations of it, through every VNF type.
MALFORMED_OBJS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/malformed/*.c))
MALFORMED := $(if $(MALFORMED_OBJS),$(BUILD)/bin/renga-malformed)
$(MALFORMED_OBJS): CFLAGS += $(call pkg_cflags,jansson libdpdk-headers libpcap)
$(BUILD)/bin/renga-malformed: $(MALFORMED_OBJS) $(TESTLIB) $(call libs,$(call uses,dataplane/runtime))
	$(call LINK,$@,$(MALFORMED_OBJS) $(TESTLIB),$(call uses,dataplane/runtime),yes,cmocka libpcap)

# bench/NAME.c is one program; bench/lib/*.c is linked with each. They run plug-ins as the scenarios do.
# bench/baselines/TYPE/ is a plug-in, for benchmarks alone.
BENCH_SRCS := $(sort $(wildcard bench/*.c bench/baselines/*.c))
BENCHES    := $(BENCH_SRCS:%.c=$(BUILD)/%)
BENCHLIB   := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard bench/lib/*.c) dataplane/host/traffic.c)
BASELINES  := $(patsubst bench/baselines/%/,%,$(sort $(dir $(wildcard bench/baselines/*/*.c))))
BENCHES    += $(BASELINES:%=$(BUILD)/bench/baselines/%.so)
$(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard bench/baselines/*/*.c)): CFLAGS += $(call pkg_cflags,jansson libdpdk-headers)
$(foreach v,$(BASELINES),$(eval $(call PLUGIN_RULES,$(v),bench/baselines)))
$(BENCH_SRCS:%.c=$(BUILD)/obj/%.o) $(BENCHLIB): CFLAGS += $(call pkg_cflags,jansson libdpdk-headers)
$(BUILD)/bench/%: $(BUILD)/obj/bench/%.o $(BENCHLIB) $(call libs,$(call uses,dataplane/runtime))
	$(call LINK,$@,$< $(BENCHLIB),$(call uses,dataplane/runtime),yes)

.PHONY: all deps check unit scenario fuzz golden system conformance sanitized demo fault bench benches lint format install clean tests
all: $(PROGRAMS) $(PLUGINS)
tests: all $(UNIT_TESTS) $(SCENARIO) $(MALFORMED)

# Once per build folder and list of packages; everything that compiles waits for it.
$(BUILD)/.deps: tools/deps
	@tools/deps --check || tools/deps
	@mkdir -p $(@D) && touch $@
deps:
	@tools/deps

check: tests
	@BUILD=$(BUILD) SAN=$(SAN) tests/run $(ONLY)
unit scenario fuzz golden system: tests
	@BUILD=$(BUILD) SAN=$(SAN) tests/run $@

# docs/conformance.md from the tests that carry a requirement's id. Of tiers that are left out the last results stay.
conformance: tests
	@BUILD=$(BUILD) SAN=$(SAN) tests/conformance/run $(TIERS)

sanitized: $(PLUGINS) $(MALFORMED)

demo: all
	@BUILD=$(BUILD) poc/edge-chain.sh

# The long run; a short one is tests/system/fault.sh. The points are in a build of their own.
fault: all
	@$(MAKE) --no-print-directory FAULT_POINTS=1 BUILD=$(BUILD)-fault all
	@BUILD=$(BUILD) FAULT_BUILD=$(BUILD)-fault SAN=$(SAN) tests/fault/run

benches: all $(BENCHES)
bench: benches
	@BUILD=$(BUILD) bench/run $(BENCH_ARGS)

lint: all
	@tools/lint

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

install: all
	@BUILD=$(BUILD) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) tools/install

clean:
	rm -rf build build-clang build-san build-clang-san

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
