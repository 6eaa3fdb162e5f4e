# SPDX-License-Identifier: MIT
# The VA-API backend: one module that libva loads, exporting its init function alone.
VA_SRCS := $(wildcard va-backend/*.c)
VA_DRIVER := $(BUILD)/lib/dri/sl200_drv_video.so
LIBRARIES += $(VA_DRIVER)

$(VA_DRIVER): $(call objs,$(VA_SRCS)) $(LIBSL_SO)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) -shared -o $@ $^ $(LDFLAGS) -Wl,-rpath,'$$ORIGIN/..'
