# SPDX-License-Identifier: MIT
# Register map: one source, three products. The manual's chapter is kept in docs/ to be read there.
REGS_H := $(BUILD)/gen/abi/sl200_regs.h
REGS_SV := $(BUILD)/gen/abi/sl200_regs_pkg.sv
GENERATED += $(REGS_H) $(REGS_SV) docs/registers.md
PYTHON ?= /usr/bin/python3

$(REGS_H) $(REGS_SV) docs/registers.md &: abi/sl200_regs.toml abi/gen_regs.py
	@mkdir -p $(BUILD)/gen/abi
	@echo "  GEN     $(REGS_H)"
	$(Q)$(PYTHON) abi/gen_regs.py $< c $(REGS_H)
	$(Q)$(PYTHON) abi/gen_regs.py $< sv $(REGS_SV)
	$(Q)$(PYTHON) abi/gen_regs.py $< md docs/registers.md
