# SPDX-License-Identifier: MIT
# The firmware: natively as archives for the functional model and the tests, and for the chip's
# RV32IMC core when a cross compiler is there.
FW_VERSION_FLAGS := $(foreach part,1:MAJOR 2:MINOR 3:PATCH,-DFW_VERSION_$(word 2,$(subst :, ,$(part)))=$(word $(word 1,$(subst :, ,$(part))),$(subst ., ,$(VERSION))))
CFLAGS_firmware/fw := $(FW_VERSION_FLAGS)

FW_CRYPTO_SRC := $(addprefix firmware/crypto/,sha256.c sha512.c fe25519.c ed25519.c)
FW_LIB_SRC := firmware/lib/mdma.c firmware/lib/image.c
FW_ROM_SRC := firmware/rom/rom.c
FW_MAIN_SRC := $(addprefix firmware/fw/,main.c base.c admin.c admin_cmd.c update.c queue.c sched.c \
	exec.c engine.c irq.c log.c validate.c validate_h264.c)

# ROM and firmware, over the HAL of whoever links them.
$(eval $(call archive,firmware_native,$(FW_MAIN_SRC) $(FW_ROM_SRC) $(FW_LIB_SRC) $(FW_CRYPTO_SRC)))
