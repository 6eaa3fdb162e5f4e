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

# The module's sources for DKMS, as $(DESTDIR)/usr/src/sl200-VERSION; nothing else is touched.
DKMS_DIR = $(DESTDIR)/usr/src/sl200-$(VERSION)

dkms: $(REGS_H)
	@driver/stage.sh $(DKMS_DIR) $(VERSION) $(REGS_H)
	@sed 's/@VERSION@/$(VERSION)/' driver/dkms/dkms.conf.in > $(DKMS_DIR)/dkms.conf
	@echo "$(DKMS_DIR)"
.PHONY: dkms
