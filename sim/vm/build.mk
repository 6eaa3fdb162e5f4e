# SPDX-License-Identifier: MIT
# Virtual machines with simulated cards: docs/vm.md.
#   KERNEL=6.1            6.1, 6.12, 7.3, debug
#   TESTS="load ffmpeg"   parts of names in tests/vm/guest; default all
KERNEL ?= 6.1
TESTS ?=
VM := BUILD=$(abspath $(BUILD)) MAKE="$(MAKE)" sim/vm/check.sh

vm:
	@tools/deps.sh build
	@sim/vm/vm.py prepare --kernel $(KERNEL) --headers

check-vm:
	@tools/deps.sh check
	@$(VM) check $(KERNEL) $(TESTS)

vm-shell:
	@tools/deps.sh check
	@$(VM) shell $(KERNEL)

.PHONY: vm check-vm vm-shell
