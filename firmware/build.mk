# SPDX-License-Identifier: MIT
# The firmware: natively as an archive for the functional model and the tests, and for the chip's
# RV32IMC core as ROM, binary and signed image.
FW_VERSION_WORDS := $(subst ., ,$(VERSION))
CFLAGS_firmware/fw := -DFW_VERSION_MAJOR=$(word 1,$(FW_VERSION_WORDS)) \
	-DFW_VERSION_MINOR=$(word 2,$(FW_VERSION_WORDS)) \
	-DFW_VERSION_PATCH=$(word 3,$(FW_VERSION_WORDS))

FW_CRYPTO_SRC := $(addprefix firmware/crypto/,sha256.c sha512.c fe25519.c ed25519.c)
FW_LIB_SRC := $(addprefix firmware/lib/,image.c otp.c)
FW_ROM_SRC := firmware/rom/rom.c
FW_MAIN_SRC := $(addprefix firmware/fw/,main.c base.c admin.c admin_cmd.c update.c queue.c sched.c \
	exec.c engine.c irq.c log.c validate.c validate_h264.c)

# ROM and firmware, over the HAL of whoever links them.
$(eval $(call archive,firmware_native,$(FW_MAIN_SRC) $(FW_ROM_SRC) $(FW_LIB_SRC) $(FW_CRYPTO_SRC)))

# The packer and signer of images.
$(eval $(call program,slfw,tools/slfw.c tools/slfw_key.c firmware/lib/image.c $(FW_CRYPTO_SRC),,-lsodium))

# The same sources for the chip.
RV_CROSS ?= riscv64-unknown-elf-
RV_CC := $(RV_CROSS)gcc
RV_CFLAGS = -std=gnu11 -march=rv32imc -mabi=ilp32 -Os -g -ffreestanding -ffunction-sections \
	-fdata-sections -fno-common -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes \
	-Wshadow -Wvla -Wno-unused-parameter
# Signature checks and hashes of images spend their time in there.
RV_CFLAGS_firmware/crypto/fe25519.c := -O3
RV_CFLAGS_firmware/crypto/sha256.c := -O3
# The path of a job: fewer instructions for 2 KiB.
RV_FAST := $(addprefix firmware/fw/,main.c base.c queue.c sched.c exec.c engine.c irq.c validate.c)
$(foreach f,$(RV_FAST),$(eval RV_CFLAGS_$(f) := -O2 -flto -fno-schedule-insns))
RV_LDFLAGS = -nostdlib -Wl,--gc-sections
RV_OBJ := $(BUILD)/rv32/obj
RV_OUT := $(BUILD)/firmware
rv_objs = $(patsubst %.S,$(RV_OBJ)/%.o,$(patsubst %.c,$(RV_OBJ)/%.o,$(1)))
FW_RV_HAL_SRC := firmware/hal/riscv/hal.c firmware/hal/riscv/mem.c

# Newer toolchains count CSR access and fence.i, of the start code only, as extensions of their own.
rv_as_march = $(shell echo 'csrr a0, mcause; fence.i' | \
	$(RV_CC) -march=rv32imc -mabi=ilp32 -x assembler -c -o /dev/null - 2>/dev/null && \
	echo rv32imc || echo rv32imc_zicsr_zifencei)

$(RV_OBJ)/%.o: %.c firmware/build.mk | generated
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  CC rv32 $<")
	$(Q)$(RV_CC) -I. -I$(BUILD)/gen $(RV_CFLAGS) $(RV_CFLAGS_$<) $(call cflags_for,$<) -MMD -MP -c $< -o $@

$(RV_OBJ)/%.o: %.S firmware/build.mk
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  AS rv32 $<")
	$(Q)$(RV_CC) $(RV_CFLAGS) -march=$(rv_as_march) -c $< -o $@

# Addresses of abi/sl200_fw.h for a linker script.
$(RV_OBJ)/%.ld: firmware/hal/riscv/%.ld abi/sl200_fw.h
	@mkdir -p $(@D)
	$(Q)sed $$(sed -n 's/^#define SL200_\(MCU_[A-Z_]*\) \(0x[0-9a-f]*\)u$$/-e s|\1|\2|g/p' abi/sl200_fw.h) $< >$@

# $(call rv_elf,name,start,script,sources)
define rv_elf
$(RV_OUT)/$(1).elf: $(call rv_objs,firmware/hal/riscv/$(2) $(FW_RV_HAL_SRC) $(4)) $(RV_OBJ)/$(3)
	@mkdir -p $$(@D)
	@echo "  LD rv32 $$@"
	$(Q)$(RV_CC) $$(RV_CFLAGS) $$(RV_LDFLAGS) -T $(RV_OBJ)/$(3) -o $$@ $$(filter %.o,$$^) -lgcc
	@$(RV_CROSS)size $$@
endef
$(eval $(call rv_elf,rom,rom_start.S,rom.ld,$(FW_ROM_SRC) $(FW_LIB_SRC) $(FW_CRYPTO_SRC)))
$(eval $(call rv_elf,firmware,fw_start.S,fw.ld,$(FW_MAIN_SRC) $(FW_LIB_SRC) $(FW_CRYPTO_SRC)))

$(RV_OUT)/%.bin: $(RV_OUT)/%.elf
	$(Q)$(RV_CROSS)objcopy -O binary $< $@

# The boot ROM as the chip's simulation reads it: a 64-bit word a line.
$(RV_OUT)/%.hex: $(RV_OUT)/%.bin
	$(Q)od -An -v -w8 -tx8 --endian=little $< >$@

$(RV_OUT)/sl200.fw: $(RV_OUT)/firmware.bin firmware/keys/dev_key.sec $(BUILD)/bin/slfw
	$(Q)$(BUILD)/bin/slfw pack --key firmware/keys/dev_key.sec --version $(VERSION) \
		--build "sl200 $(VERSION)" --output $@ $<

# What the cross compiler makes of crypto and validation, run on this machine.
FW_SELFTEST_SRC := tests/unit/test_fw_rv32.c tests/unit/test_fw_desc.c $(FW_CRYPTO_SRC) \
	firmware/hal/riscv/mem.c firmware/fw/validate.c firmware/fw/validate_h264.c
$(RV_OUT)/selftest.elf: $(call rv_objs,$(FW_SELFTEST_SRC))
	@mkdir -p $(@D)
	@echo "  LD rv32 $@"
	$(Q)$(RV_CC) $(RV_CFLAGS) $(RV_LDFLAGS) -o $@ $^ -lgcc

check-firmware-rv32: $(RV_OUT)/selftest.elf
	qemu-riscv32 $<
	@echo "ok - crypto and validation on RV32IMC"
.PHONY: check-firmware-rv32

firmware: $(RV_OUT)/sl200.fw $(RV_OUT)/rom.elf $(RV_OUT)/rom.hex
.PHONY: firmware
FIRMWARE_IMAGES := $(RV_OUT)/sl200.fw $(RV_OUT)/rom.elf $(RV_OUT)/rom.hex $(RV_OUT)/selftest.elf
all: $(FIRMWARE_IMAGES)

-include $(shell find $(RV_OBJ) -name '*.d' 2>/dev/null)

# Unit tests, over a chip of their own.
FW_TEST_DESC := tests/unit/test_fw_desc.c
FW_TEST_FAKE := tests/unit/test_fw_fake.c
$(eval $(call unit_test,test_fw_crypto,tests/unit/test_fw_crypto.c $(FW_CRYPTO_SRC),,-lsodium))
$(eval $(call unit_test,test_fw_validate,tests/unit/test_fw_validate.c $(FW_TEST_DESC) \
	firmware/fw/validate.c firmware/fw/validate_h264.c))
FW_TEST_IMAGE := tests/unit/test_fw_image.c tools/slfw_key.c
$(eval $(call unit_test,test_fw_boot,tests/unit/test_fw_boot.c $(FW_TEST_FAKE) $(FW_TEST_IMAGE),$(firmware_native_A),-lsodium))
$(eval $(call unit_test,test_fw_admin,tests/unit/test_fw_admin.c $(FW_TEST_FAKE) $(FW_TEST_IMAGE),$(firmware_native_A),-lsodium))
$(eval $(call unit_test,test_fw_queue,tests/unit/test_fw_queue.c $(FW_TEST_FAKE) $(FW_TEST_DESC),$(firmware_native_A)))
$(eval $(call unit_test,test_fw_sched,tests/unit/test_fw_sched.c $(FW_TEST_FAKE),$(firmware_native_A)))

# The same tests of the same firmware, as the RV32 compiler made it.
# $(call fw_rv32_test,name,more sources,archives,libs)
define fw_rv32_test
$(eval $(call unit_test,$(1)_rv32,tests/unit/$(1).c tests/unit/rv32_core.c $(FW_TEST_FAKE) $(2),$(3),$(4)))
$(BUILD)/tests/$(1)_rv32: | $(RV_OUT)/firmware.bin
endef
$(eval $(call fw_rv32_test,test_fw_queue,$(FW_TEST_DESC)))
$(eval $(call fw_rv32_test,test_fw_sched))
$(eval $(call fw_rv32_test,test_fw_admin,$(FW_TEST_IMAGE) $(FW_ROM_SRC) $(FW_LIB_SRC) $(FW_CRYPTO_SRC),,-lsodium))
$(eval $(call unit_test,test_fw_path,tests/unit/test_fw_path.c tests/unit/rv32_core.c $(FW_TEST_FAKE)))
$(BUILD)/tests/test_fw_path: | $(RV_OUT)/firmware.bin
