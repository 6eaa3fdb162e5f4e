# SPDX-License-Identifier: MIT
# The part of the driver that the kernel driver and user drivers share.
CORE_SRCS := $(addprefix driver/core/,admin.c boot.c card.c pagetable.c ring.c telemetry.c)
$(eval $(call archive,core,$(CORE_SRCS)))
CFLAGS_driver/core := -ffreestanding

CORE_TESTS := admin boot card pagetable ring
$(foreach t,$(CORE_TESTS),$(eval $(call unit_test,test_core_$(t),\
	tests/unit/test_core_$(t).c tests/unit/core_fake.c,$(core_A))))
