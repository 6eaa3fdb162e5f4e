# SPDX-License-Identifier: MIT
$(eval $(call fuzz_target,fuzz_remote,tests/fuzz/fuzz_remote.c libsl/sim_remote.c libsl/sim_remote_irq.c \
	libsl/sim_remote_link.c libsl/sim_remote_memory.c libsl/sim_remote_open.c libsl/error.c,,-ljansson))
