# SPDX-License-Identifier: MIT
# The chip in RTL as a card: `make rtl`. Not part of `make all`: it takes Verilator and minutes.
$(eval $(call unit_test,test_rtl_memory,tests/unit/test_rtl_memory.c \
	sim/rtl/harness/rtl_memory.c sim/model/host_mem.c sim/model/card_mem.c))
