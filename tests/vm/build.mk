# SPDX-License-Identifier: MIT
# Programs that run in the virtual machine, on the kernel driver: $(BUILD)/vmtests/NAME.
# $(eval $(call vm_test,name,libs)): tests/vm/name.c, a CUnit suite of raw ioctls.
define vm_test
$(eval $(call program,$(1),tests/vm/$(1).c tests/vm/drm_client.c tests/suite.c driver/core/ring.c,,\
	$(2) -ldrm -lcunit,vmtests))
VM_TESTS += $(BUILD)/vmtests/$(1)
CFLAGS_tests/vm/$(1).c := -I/usr/include/libdrm
endef

CFLAGS_tests/vm/drm_client.c := -I/usr/include/libdrm
VM_TESTS :=
$(eval $(call program,recover,tests/vm/recover.c,$(LIBSL_SO),,vmtests))
VM_TESTS += $(BUILD)/vmtests/recover
$(eval $(call vm_test,test_drm_args))
$(eval $(call vm_test,test_drm_bo))
$(eval $(call vm_test,test_drm_prime))
$(eval $(call vm_test,test_drm_no_memory))
$(eval $(call vm_test,test_drm_mmap))
$(eval $(call vm_test,test_drm_queue))

CFLAGS_tests/vm/drm_fuzz.c := -I/usr/include/libdrm
CFLAGS_tests/vm/drm_fuzz_calls.c := -I/usr/include/libdrm
CFLAGS_tests/vm/drm_fuzz_state.c := -I/usr/include/libdrm
$(eval $(call program,drm_fuzz,tests/vm/drm_fuzz.c tests/vm/drm_fuzz_calls.c tests/vm/drm_fuzz_state.c \
	tests/vm/drm_client.c driver/core/ring.c,,-ldrm -lpthread,vmtests))
VM_TESTS += $(BUILD)/vmtests/drm_fuzz

vm-tests: $(VM_TESTS)
.PHONY: vm-tests
