# SPDX-License-Identifier: MIT
# The chip in RTL as a card: `make rtl`, and `make rtl-waves` for the one that can write waveforms.
# Not part of `make all`: it takes Verilator and a few minutes.
VERILATOR ?= verilator
RTL_CXX ?= $(if $(shell command -v clang++ 2>/dev/null),clang++,g++)
RTL_OPT ?= -O2
RTL_OPT_SLOW ?= -O1
RTL_SV := $(REGS_SV) $(ABI_SV) sim/rtl/sl200_pkg.sv $(filter-out %_pkg.sv,$(wildcard sim/rtl/*.sv))
RTL_VERILATOR_FLAGS := --cc -O3 --x-assign fast --x-initial fast --noassert -Wno-fatal \
	--top-module sl200_chip
RTL_CXXFLAGS := -fPIC -fvisibility=hidden -pthread

# The C side: what the model and the RTL share of a card, and the harness.
RTL_CARD_OBJS := $(call objs,$(wildcard sim/rtl/harness/*.c) sim/card/pci_config.c \
	sim/model/card_mem.c sim/model/host_mem.c)

# $(call rtl_card,name of the library,name of the folder,flags of Verilator,flags of C++,C++ sources,libraries,
# more of Verilator's objects)
define rtl_card
$(BUILD)/rtl/$(2)/Vsl200_chip.mk: $(RTL_SV) sim/rtl/lint.vlt
	@mkdir -p $$(@D)
	@echo "  VERILATOR $$(@D)"
	$(Q)$(VERILATOR) $(RTL_VERILATOR_FLAGS) $(3) -Mdir $$(@D) sim/rtl/lint.vlt $(RTL_SV) \
		>$$(@D)/verilator.log 2>&1 || { cat $$(@D)/verilator.log; false; }

$(BUILD)/rtl/$(2)/chip.done: $(BUILD)/rtl/$(2)/Vsl200_chip.mk
	@echo "  CXX     $$(@D)"
	$(Q)$(MAKE) --no-print-directory -C $$(@D) -f Vsl200_chip.mk CXX=$(RTL_CXX) LINK=$(RTL_CXX) \
		OPT_FAST="$(RTL_OPT)" OPT_GLOBAL="$(RTL_OPT)" OPT_SLOW=$$(RTL_OPT_SLOW) \
		USER_CPPFLAGS="$(RTL_CXXFLAGS)" Vsl200_chip__ALL.a \
		$(addsuffix .o,verilated verilated_threads $(7)) \
		>$$(@D)/cxx.log 2>&1 || { cat $$(@D)/cxx.log; false; }
	@touch $$@

$(BUILD)/rtl/$(2)/harness/%.o: sim/rtl/harness/%.cpp sim/rtl/harness/rtl_chip.h \
		sim/rtl/harness/rtl_memory.h sim/rtl/harness/rtl_trace.h $(BUILD)/rtl/$(2)/chip.done
	@mkdir -p $$(@D)
	@echo "  CXX     $$<"
	$(Q)$(RTL_CXX) $(RTL_CXXFLAGS) -std=gnu++17 $(RTL_OPT) -g -Wall -Wextra -Werror -I. -I$(BUILD)/rtl/$(2) \
		-isystem $$$$($(VERILATOR) --getenv VERILATOR_ROOT)/include $(4) -c $$< -o $$@

$(BUILD)/lib/sl200/$(1): $(RTL_CARD_OBJS) $(patsubst %,$(BUILD)/rtl/$(2)/harness/%.o,$(5)) \
		$(BUILD)/rtl/$(2)/chip.done sim/rtl/harness/card.map
	@mkdir -p $$(@D)
	@echo "  LD      $$@"
	$(Q)$(RTL_CXX) -shared -pthread -Wl,-soname,$(1) -Wl,-z,defs \
		-Wl,--version-script=sim/rtl/harness/card.map -o $$@ $$(filter %.o,$$^) \
		$(BUILD)/rtl/$(2)/Vsl200_chip__ALL.a $(BUILD)/rtl/$(2)/verilated*.o $(6) -latomic -ldl
endef
$(eval $(call rtl_card,libslcard-rtl.so,chip,,,rtl_chip))
$(eval $(call rtl_card,libslcard-rtl-waves.so,chip-waves,--trace-fst --trace-structs,-DRTL_TRACE,rtl_chip rtl_trace,-lz,verilated_fst_c))

# The chip without threads around it.
$(BUILD)/rtl/test/chip: $(call objs,tests/rtl/chip_test.c) $(RTL_CARD_OBJS) \
		$(BUILD)/rtl/chip/harness/rtl_chip.o $(BUILD)/rtl/chip/chip.done
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(RTL_CXX) -pthread -o $@ $(filter %.o,$^) $(BUILD)/rtl/chip/Vsl200_chip__ALL.a \
		$(BUILD)/rtl/chip/verilated*.o -latomic -ldl
RTL_TESTS += $(BUILD)/rtl/test/chip
rtl-tests: $(BUILD)/rtl/test/chip

# Random clients on the chip without threads around it: as it is built for cards, with random values in all
# flops, and counting what was covered.
$(eval $(call rtl_card,libslcard-rtl-random.so,chip-random,--x-assign unique --x-initial unique,,rtl_chip))
$(eval $(call rtl_card,libslcard-rtl-coverage.so,chip-coverage,--coverage-line --coverage-toggle,-DRTL_COVERAGE,rtl_chip,,verilated_cov))
# Megabytes of code that lists the points and runs once.
$(BUILD)/rtl/chip-coverage/chip.done: RTL_OPT_SLOW := -O0
RTL_TRAFFIC := $(call objs,$(addprefix tests/rtl/traffic,.c _card.c _world.c _plan.c _pass.c _faults.c))
define rtl_traffic
$(BUILD)/rtl/$(1)/traffic: $(RTL_TRAFFIC) $(RTL_CARD_OBJS) $(BUILD)/rtl/$(1)/harness/rtl_chip.o \
		$(BUILD)/rtl/$(1)/chip.done
	@echo "  LD      $$@"
	$(Q)$(RTL_CXX) -pthread -o $$@ $$(filter %.o,$$^) $(BUILD)/rtl/$(1)/Vsl200_chip__ALL.a \
		$(BUILD)/rtl/$(1)/verilated*.o -latomic -ldl
endef
$(foreach variant,chip chip-random chip-coverage,$(eval $(call rtl_traffic,$(variant))))

# The ROM goes where the library is.
$(BUILD)/lib/sl200/rom.hex: $(BUILD)/firmware/rom.hex
	@mkdir -p $(@D)
	$(Q)cp $< $@

rtl: $(BUILD)/lib/sl200/libslcard-rtl.so $(BUILD)/lib/sl200/rom.hex $(BUILD)/firmware/sl200.fw
rtl-waves: rtl $(BUILD)/lib/sl200/libslcard-rtl-waves.so
.PHONY: rtl rtl-waves

$(eval $(call unit_test,test_rtl_memory,tests/unit/test_rtl_memory.c \
	sim/rtl/harness/rtl_memory.c sim/model/host_mem.c sim/model/card_mem.c))

area: $(RTL_SV)
	@tools/deps.sh rtl
	@$(PYTHON) sim/rtl/area.py $(BUILD)/rtl/area $(RTL_SV)
.PHONY: area
