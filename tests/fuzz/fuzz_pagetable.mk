# SPDX-License-Identifier: MIT
$(eval $(call fuzz_target,fuzz_pagetable,tests/fuzz/fuzz_pagetable.c driver/core/pagetable.c \
	$(addprefix sim/model/,mmu.c host_mem.c card_mem.c)))
