# SPDX-License-Identifier: MIT
# `make driver`: the kernel module, for the running kernel or for KDIR.
#   KDIR=/lib/modules/6.1.0-56-amd64/build   the kernel's headers, or its build folder
#   KROOT=/path                              a root file system that KDIR and its compiler are in
#   W=1 C=2                                  more warnings; sparse
# -> $(BUILD)/driver/<kernel release>/sl200.ko
KDIR ?= /lib/modules/$(shell uname -r)/build
KROOT ?=

driver: $(REGS_H)
	@driver/build.sh $(BUILD)/driver $(VERSION) $(REGS_H) $(KDIR) "$(KROOT)" \
		-j$(shell nproc) $(if $(W),W=$(W)) $(if $(C),C=$(C)) $(if $(filter 1,$(V)),V=1)
.PHONY: driver
