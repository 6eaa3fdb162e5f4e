# SPDX-License-Identifier: MIT
# Virtual machines with simulated cards: docs/vm.md.
#   KERNEL=6.1            6.1, 6.12, 7.3, debug
#   TESTS="load ffmpeg"   parts of names in tests/vm/guest; default all
KERNEL ?= 6.1
#   CARD=rtl              the chip in RTL; default the functional model
TESTS ?=
CARD ?= model
VM := CARD=$(CARD) BUILD=$(BUILD) MAKE="$(MAKE)" sim/vm/check.sh

vm:
	@tools/deps.sh build
	@sim/vm/vm.py prepare --kernel $(KERNEL) --headers

check-vm:
	@tools/deps.sh check
	@[ "$(CARD)" = model ] || tools/deps.sh rtl
	@$(VM) check $(KERNEL) $(TESTS)

vm-shell:
	@tools/deps.sh check
	@$(VM) shell $(KERNEL)

.PHONY: vm check-vm vm-shell
