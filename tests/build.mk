# SPDX-License-Identifier: MIT
# Fuzz targets: tests/fuzz/fuzz_NAME.c with its corpus in tests/fuzz/corpus/NAME. Built by clang in a
# tree of their own (BUILD=build/fuzz CC=clang); `make fuzz` searches, `make check` replays.

FUZZ_SAN := fuzzer,address,undefined

# $(eval $(call fuzz_target,name,sources,archives,libs)) -> $(BUILD)/fuzz/name
define fuzz_target
$(BUILD)/fuzz/$(1): $(call objs,$(2)) $(3)
	@mkdir -p $$(@D)
	@echo "  LD      $$@"
	$(Q)$$(CC) $$(CFLAGS) -fsanitize=$(FUZZ_SAN) -o $$@ $$(filter %.o %.a,$$^) $$(LDFLAGS) $(4)
FUZZ_TARGETS += $(BUILD)/fuzz/$(1)
endef

FUZZ_TARGETS :=
-include $(wildcard tests/fuzz/*.mk)

fuzz-targets: $(FUZZ_TARGETS)
.PHONY: fuzz-targets

# Searching: FUZZ=name for one, TIME in seconds for each.
TIME ?= 60
FUZZ_BUILD := $(BUILD)/fuzz-tree
FUZZ_MAKE = $(MAKE) --no-print-directory BUILD=$(FUZZ_BUILD) CC=clang SAN=fuzzer-no-link,address,undefined

fuzz:
	@tools/deps.sh check
	@$(FUZZ_MAKE) fuzz-targets
	@BUILD=$(FUZZ_BUILD) tests/fuzz/run.sh search $(TIME) $(FUZZ)

# Benchmarks.
$(eval $(call program,queue_bench,tests/bench/queue_bench.c,$(LIBSL_SO),,bench))
$(eval $(call program,rtl_bench,tests/bench/rtl_bench.c tests/bench/rtl_bench_jobs.c \
	tests/bench/rtl_bench_memory.c sim/rtl/harness/rtl_memory.c sim/model/card_mem.c \
	sim/model/host_mem.c,$(LIBSL_SO),-ldl,bench))

# Runs where the kernel driver is: in the virtual machine.
$(eval $(call program,drm_bench,tests/bench/drm_bench.c tests/bench/drm_bench_jobs.c \
	tests/bench/drm_bench_memory.c tests/bench/drm_bench_pictures.c tests/vm/drm_client.c \
	driver/core/ring.c,$(LIBSL_SO),-ldrm,bench))
CFLAGS_tests/bench/drm_bench_jobs.c := -I/usr/include/libdrm
CFLAGS_tests/bench/drm_bench_memory.c := -I/usr/include/libdrm
