# SPDX-License-Identifier: MIT
# Register map: one source, three products. The manual's chapter is kept in docs/ to be read there.
REGS_H := $(BUILD)/gen/abi/sl200_regs.h
REGS_SV := $(BUILD)/gen/abi/sl200_regs_pkg.sv
ABI_SV := $(BUILD)/gen/abi/sl200_abi_pkg.sv
GENERATED += $(ABI_SV) $(REGS_H) $(REGS_SV) docs/registers.md
PYTHON ?= /usr/bin/python3

$(REGS_H) $(REGS_SV) docs/registers.md &: abi/sl200_regs.toml abi/gen_regs.py
	@mkdir -p $(BUILD)/gen/abi
	@echo "  GEN     $(REGS_H)"
	$(Q)$(PYTHON) abi/gen_regs.py $< c $(REGS_H)
	$(Q)$(PYTHON) abi/gen_regs.py $< sv $(REGS_SV)
	$(Q)$(PYTHON) abi/gen_regs.py $< md docs/registers.md

# What SystemVerilog takes from the C headers.
ABI_SV_HEADERS := $(addprefix abi/sl200_,queue.h mmu.h fw.h admin.h)
$(ABI_SV): abi/gen_sv.py $(ABI_SV_HEADERS)
	@mkdir -p $(@D)
	@echo "  GEN     $@"
	$(Q)$(PYTHON) $< $@ $(ABI_SV_HEADERS)
