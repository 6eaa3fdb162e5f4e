# SPDX-License-Identifier: MIT
# Tests of the chip's blocks, each a Verilator program of its own: $(BUILD)/rtl/test/NAME.
VERILATOR ?= verilator
RTL_PACKAGES := $(REGS_SV) $(ABI_SV) sim/rtl/sl200_pkg.sv
RTL_TESTS :=

# $(call rtl_test,name,SystemVerilog of the block,C sources) -- tests/rtl/tb_name.sv
define rtl_test
$(BUILD)/rtl/test/$(1): $(RTL_PACKAGES) sim/rtl/lint.vlt $(2) tests/rtl/tb_$(1).sv $(call objs,$(3)) \
		tests/rtl/tb_main.cpp
	@mkdir -p $$(@D) && rm -f $$@
	@echo "  VERILATOR $$@"
	$(Q)$(VERILATOR) --cc --exe --build -O3 -Wall --x-assign unique --x-initial unique \
		-Mdir $(BUILD)/rtl/test/obj_$(1) --prefix Vtb --top-module tb -CFLAGS "-O2 -I$$(CURDIR)" \
		-o $$(abspath $$@) sim/rtl/lint.vlt $(RTL_PACKAGES) $(2) tests/rtl/tb_$(1).sv \
		$$(abspath $(call objs,$(3)) tests/rtl/tb_main.cpp) -LDFLAGS "$(LDFLAGS)" \
		>$$@.log 2>&1 || { cat $$@.log; false; }
RTL_TESTS += $(BUILD)/rtl/test/$(1)
rtl-tests: $(BUILD)/rtl/test/$(1)
endef

.PHONY: rtl-tests

# Runs programs: tests/rtl/riscv.sh.
RTL_CORE := $(addprefix sim/rtl/sl200_rv_,core.sv fetch.sv expander.sv decoder.sv alu.sv muldiv.sv \
	regfile.sv csr.sv)
$(eval $(call rtl_test,rv_core,$(RTL_CORE),))

# The MCU: with a program that uses all of it, and with product firmware.
RTL_MCU := $(addprefix sim/rtl/sl200_,ram.sv rom.sv tcm.sv mcu.sv) $(RTL_CORE)
$(eval $(call rtl_test,mcu_boot,$(RTL_MCU),tests/rtl/mcu_boot_ref.c))
$(BUILD)/rtl/test/mcu_boot: | $(BUILD)/firmware/rom.hex $(BUILD)/firmware/sl200.fw

# Its program, in a ROM of its own.
$(BUILD)/rtl/test/mcu_test.inc: abi/sl200_fw.h $(BUILD)/gen/abi/sl200_regs.h
	@mkdir -p $(@D)
	$(Q)sed -n 's/^#define SL200_\(MCU_[A-Z_]*\|CONSOLE_TX\|SYS_BASE\) \(0x[0-9a-f]*\)u$$/.equ \1, \2/p' \
		$^ >$@
$(BUILD)/rtl/test/mcu_test.hex: tests/rtl/mcu_test.S $(BUILD)/rtl/test/mcu_test.inc
	$(Q)$(RV_CC) -march=$(rv_as_march) -mabi=ilp32 -mno-relax -nostdlib -Wl,-Ttext=0 -Wa,-I$(@D) \
		-o $(@:.hex=.elf) $<
	$(Q)$(RV_CROSS)objcopy -O binary $(@:.hex=.elf) $(@:.hex=.bin)
	$(Q)od -An -v -w8 -tx8 --endian=little $(@:.hex=.bin) >$@
$(eval $(call rtl_test,mcu,$(RTL_MCU),))
$(BUILD)/rtl/test/mcu: | $(BUILD)/rtl/test/mcu_test.hex

RTL_HOST := sim/rtl/sl200_ram.sv $(addprefix sim/rtl/sl200_,host.sv host_if.sv reset.sv top_regs.sv \
	mailbox.sv doorbell.sv msix.sv telem.sv inject.sv)
$(eval $(call rtl_test,host,$(RTL_HOST),$(addprefix tests/rtl/host_,bench.c ref.c signals.c)))

RTL_FABRIC := sim/rtl/sl200_ram.sv $(addprefix sim/rtl/sl200_,arbiter.sv tlb.sv walker.sv mmu.sv \
	fabric_fifo.sv fabric_slice.sv fabric_events.sv fabric_tally.sv fabric_slot.sv \
	fabric_wdata.sv fabric_answer.sv fabric_port.sv fabric.sv)
$(eval $(call rtl_test,fabric,$(RTL_FABRIC),$(addprefix tests/rtl/fabric_,memory.c tables.c \
	clients.c mcu.c ref.c)))

RTL_DMA := $(addprefix sim/rtl/sl200_,ram.sv dma_fetch.sv dma_read.sv dma_write.sv aligner.sv dma.sv \
	crc32c.sv crc.sv engine_counters.sv engine_slot.sv)
$(eval $(call rtl_test,dma,$(RTL_DMA),$(addprefix tests/rtl/dma_,mem.c ref.c)))

RTL_MDMA := $(addprefix sim/rtl/sl200_,ram.sv dma_read.sv mdma_read.sv mdma_write.sv mdma.sv)
$(eval $(call rtl_test,mdma,$(RTL_MDMA),tests/rtl/dma_mem.c tests/rtl/mdma_ref.c))

# The stack tests that run on the chip, as tests/rtl.sh names them.
RTL_STACK_TESTS := $(addprefix $(BUILD)/tests/test_stack_,crc device memory queue fault)

check-rtl:
	@tools/deps.sh rtl
	@$(MAKE) --no-print-directory rtl rtl-tests $(RTL_TRAFFIC_TESTS) $(RTL_STACK_TESTS)
	@BUILD=$(BUILD) tests/rtl.sh
.PHONY: check-rtl

# Random clients on the whole chip (tests/rtl/traffic.h). TIME in seconds, from SEED on.
RTL_TRAFFIC_TESTS := $(addprefix $(BUILD)/rtl/,chip/traffic chip-random/traffic)

fuzz-rtl:
	@tools/deps.sh rtl
	@$(MAKE) --no-print-directory $(RTL_TRAFFIC_TESTS) $(BUILD)/firmware/sl200.fw $(BUILD)/firmware/rom.hex
	@BUILD=$(BUILD) SEED=$${SEED:-$$(date +%s)} TIME=$(TIME) tests/rtl.sh traffic
.PHONY: fuzz-rtl

# What of the chip its boot and those clients execute and toggle.
RTL_COVERAGE := $(BUILD)/rtl/coverage
ROUNDS ?= 12

rtl-coverage:
	@tools/deps.sh rtl
	@$(MAKE) --no-print-directory $(BUILD)/rtl/chip-coverage/traffic $(BUILD)/firmware/sl200.fw \
		$(BUILD)/firmware/rom.hex
	@mkdir -p $(RTL_COVERAGE)
	@SL_RTL_COVERAGE=$(RTL_COVERAGE)/traffic.dat $(BUILD)/rtl/chip-coverage/traffic \
		+image=$(BUILD)/firmware/sl200.fw +rom=$(BUILD)/firmware/rom.hex +rounds=$(ROUNDS)
	@$(PYTHON) tests/rtl/coverage.py $(RTL_COVERAGE)/report.txt $(RTL_COVERAGE)/traffic.dat
.PHONY: rtl-coverage
