# SPDX-License-Identifier: MIT
# The simulated card: each part has its own file.
-include sim/entropy.mk
-include sim/venc.mk

comma := ,

# The functional chip, and the card around it. They call the native firmware and the encode engine.
$(eval $(call archive,sim_card,$(filter-out sim/model/venc/%,$(wildcard sim/model/*.c)) \
	$(filter-out sim/card/vfio_user%,$(wildcard sim/card/*.c))))

# The card behind a socket.
$(eval $(call archive,vfio_user,$(wildcard sim/card/vfio_user*.c)))

# All of the card in one library, which libsl loads for SL_DEVICE=sim: at run time.
LIBSLCARD := $(BUILD)/lib/sl200/libslcard.so
SLCARD_PARTS := $(firmware_native_A) $(venc_A) $(h264_entropy_A)
$(LIBSLCARD): $(sim_card_A) $(SLCARD_PARTS)
	@mkdir -p $(@D)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) -shared -Wl,-soname,libslcard.so $(if $(SAN),,-Wl,-z,defs) -o $@ \
		-Wl,--whole-archive $(sim_card_A) -Wl,--no-whole-archive \
		$(SLCARD_PARTS) $(LDFLAGS) -lm
LIBRARIES += $(LIBSLCARD)

# Unit tests. Those of the chip's parts run a firmware and an encode engine of their own.
CHIP_DOUBLES := tests/unit/test_chip_doubles.c sim/model/venc/venc_crc.c
$(eval $(call unit_test,test_chip_mmu,tests/unit/test_chip_mmu.c $(CHIP_DOUBLES),$(sim_card_A)))
$(eval $(call unit_test,test_chip_regs,tests/unit/test_chip_regs.c $(CHIP_DOUBLES),$(sim_card_A)))
$(eval $(call unit_test,test_card_pci,tests/unit/test_card_pci.c $(CHIP_DOUBLES),$(sim_card_A)))
$(eval $(call unit_test,test_chip_engine,tests/unit/test_chip_engine.c $(CHIP_DOUBLES),$(sim_card_A)))
$(eval $(call unit_test,test_chip_reset,tests/unit/test_chip_reset.c $(CHIP_DOUBLES),$(sim_card_A)))

# The whole card with its firmware, as libsl sees it; the image is read from $(BUILD)/firmware.
# $(call card_test,name)
define card_test
$(eval $(call unit_test,$(1),tests/unit/$(1).c tests/unit/test_card_host.c,,\
	-L$(BUILD)/lib/sl200 -lslcard -Wl$(comma)-rpath$(comma)'$$$$ORIGIN/../lib/sl200'))
$(BUILD)/tests/$(1): | $(LIBSLCARD) $(BUILD)/firmware/sl200.fw
endef
$(eval $(call card_test,test_card_firmware))
$(eval $(call card_test,test_card_hostile))

# The vfio-user server, and a client of the tests' own.
VFIO_USER_PEER := tests/unit/vfio_user_peer.c
# $(call vfio_user_test,name)
define vfio_user_test
$(eval $(call unit_test,$(1),tests/unit/$(1).c $(VFIO_USER_PEER) $(CHIP_DOUBLES),\
	$(vfio_user_A) $(sim_card_A),-ljansson))
endef
$(eval $(call vfio_user_test,test_vfio_user_messages))
$(eval $(call vfio_user_test,test_vfio_user_dma))
$(eval $(call vfio_user_test,test_vfio_user_irq))
$(eval $(call vfio_user_test,test_vfio_user_server))
