# SPDX-License-Identifier: MIT
# Entry point of the build: `make help` lists the targets. Each folder adds its part in its
# build.mk: libraries, programs and tests, in terms of the few functions below.
#
#   BUILD=build/asan SAN=address,undefined    a second tree, instrumented
#   CC=clang                                  another compiler
#   V=1                                       show command lines

VERSION := 0.1.0
BUILD ?= build
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
SAN ?=
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

CPPFLAGS += -I. -I$(BUILD)/gen -Ilibsl/include -D_GNU_SOURCE -DSL200_VERSION='"$(VERSION)"'
OPT ?= -O2
CFLAGS += -std=gnu11 $(OPT) -g -fPIC -fvisibility=hidden -pthread \
	-Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla -Wno-unused-parameter
LDFLAGS += -pthread
ifneq ($(SAN),)
CFLAGS += -fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all
LDFLAGS += -fsanitize=$(SAN)
endif

all:
.PHONY: all
.DELETE_ON_ERROR:
.SECONDARY:

# Objects of sources: $(call objs,a.c b.c)
objs = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

# Per-source flags: CFLAGS_path/to/file.c or, for a folder, CFLAGS_path/to
cflags_for = $(CFLAGS_$(1)) $(CFLAGS_$(patsubst %/,%,$(dir $(1))))

$(BUILD)/obj/%.o: %.c | generated
	@mkdir -p $(@D)
	@$(if $(filter 1,$(V)),,echo "  CC      $<")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(call cflags_for,$<) -MMD -MP -c $< -o $@

# A static archive: $(eval $(call archive,name,sources)) -> $(BUILD)/obj/name.a, in $(name_A)
define archive
$(1)_A := $(BUILD)/obj/$(1).a
$(BUILD)/obj/$(1).a: $(call objs,$(2))
	@echo "  AR      $$@"
	$(Q)rm -f $$@ && ar rcs $$@ $$^
endef

# A program: $(eval $(call program,name,sources,archives and shared objects,libs[,folder]))
# -> $(BUILD)/bin/name, or $(BUILD)/folder/name
define program
$(BUILD)/$(or $(5),bin)/$(1): $(call objs,$(2)) $(3)
	@mkdir -p $$(@D)
	@echo "  LD      $$@"
	$(Q)$$(CC) $$(CFLAGS) -o $$@ $$(filter %.o %.a %.so %.so.0,$$^) \
		-Wl,-rpath,'$$$$ORIGIN/../lib' $$(LDFLAGS) $(4)
PROGRAMS += $(if $(5),,$(BUILD)/bin/$(1))
endef

# A shared object: $(eval $(call shared,path below lib,sources,archives and shared objects,flags))
# -> $(BUILD)/lib/path
define shared
$(BUILD)/lib/$(1): $(call objs,$(2)) $(3)
	@mkdir -p $$(@D)
	@echo "  LD      $$@"
	$(Q)$$(CC) $$(CFLAGS) -shared -o $$@ $$(filter %.o %.a %.so %.so.0,$$^) $$(LDFLAGS) $(4)
LIBRARIES += $(BUILD)/lib/$(1)
endef

# A CUnit test: $(eval $(call unit_test,name,sources,archives,libs)) -> $(BUILD)/tests/name;
# `make check` runs it in the sanitizer trees.
define unit_test
$(eval $(call program,$(1),$(2) tests/suite.c,$(3),$(4) -lcunit,tests))
UNIT_TESTS += $(BUILD)/tests/$(1)
endef

# libsl, which programs and the backend link to.
LIBSL_SO := $(BUILD)/lib/libsl.so.0

PROGRAMS :=
LIBRARIES :=
UNIT_TESTS :=
GENERATED :=

include $(wildcard abi/build.mk)
include $(wildcard firmware/build.mk)
include $(wildcard sim/build.mk)
include $(wildcard driver/core/build.mk)
include $(wildcard driver/build.mk)
include $(wildcard libsl/build.mk)
include $(wildcard va-backend/build.mk)
include $(wildcard tools/build.mk)
include $(wildcard tests/build.mk)
include $(wildcard tests/rtl/build.mk)
include $(wildcard sim/rtl/build.mk)
include $(wildcard tests/vm/build.mk)
include $(wildcard sim/vm/build.mk)

generated: $(GENERATED)
.PHONY: generated

all: $(LIBRARIES) $(PROGRAMS)

unit-tests: $(UNIT_TESTS)
.PHONY: unit-tests

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# What users call: each goal first installs what it needs and is missing.
.PHONY: deps demo check check-quick bench fuzz install uninstall help clean

deps:
	@tools/deps.sh build

demo:
	@tools/deps.sh demo
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) tools/demo.sh

check:
	@tools/deps.sh check
	@BUILD=$(BUILD) MAKE="$(MAKE)" tests/check.sh full

check-quick:
	@tools/deps.sh check
	@BUILD=$(BUILD) MAKE="$(MAKE)" tests/check.sh quick

bench:
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory all $(BUILD)/bench/queue_bench
	@BUILD=$(BUILD) $(PYTHON) tests/bench/bench.py $(BENCH)

DESTINATION = $(DESTDIR)$(PREFIX)
LIB_DESTINATION = $(DESTDIR)$(LIBDIR)

install: all
	install -d $(DESTINATION)/bin $(DESTINATION)/include/sl200/abi $(DESTINATION)/share/man/man1 \
		$(LIB_DESTINATION)/dri $(LIB_DESTINATION)/sl200 $(LIB_DESTINATION)/pkgconfig
	install -m 755 $(PROGRAMS) $(DESTINATION)/bin
	install -m 644 libsl/include/sl200/*.h $(DESTINATION)/include/sl200
	install -m 644 abi/*.h $(BUILD)/gen/abi/sl200_regs.h $(DESTINATION)/include/sl200/abi
	install -m 644 tools/*.1 $(DESTINATION)/share/man/man1
	install -m 755 $(BUILD)/lib/libsl.so.0 $(LIB_DESTINATION)
	ln -sf libsl.so.0 $(LIB_DESTINATION)/libsl.so
	install -m 755 $(BUILD)/lib/dri/*.so $(LIB_DESTINATION)/dri
	install -m 755 $(BUILD)/lib/sl200/*.so $(LIB_DESTINATION)/sl200
	install -m 644 $(BUILD)/firmware/sl200.fw $(LIB_DESTINATION)/sl200
	if [ -f $(BUILD)/lib/sl200/rom.hex ]; then \
		install -m 644 $(BUILD)/lib/sl200/rom.hex $(LIB_DESTINATION)/sl200; \
	fi
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		libsl/libsl.pc.in > $(LIB_DESTINATION)/pkgconfig/libsl.pc

uninstall:
	rm -f $(addprefix $(DESTINATION)/bin/,$(notdir $(PROGRAMS)))
	rm -f $(addprefix $(DESTINATION)/share/man/man1/,$(notdir $(wildcard tools/*.1)))
	rm -rf $(DESTINATION)/include/sl200 $(LIB_DESTINATION)/sl200
	rm -f $(LIB_DESTINATION)/libsl.so $(LIB_DESTINATION)/libsl.so.0 \
		$(LIB_DESTINATION)/dri/sl200_drv_video.so $(LIB_DESTINATION)/pkgconfig/libsl.pc

clean:
	rm -rf $(BUILD)

help:
	@echo "make              library, backend, tools, firmware and functional model, into $(BUILD)/"
	@echo "make deps         install the Debian packages that building needs (root, or sudo)"
	@echo "make demo         encode a real clip through every layer with stock FFmpeg"
	@echo "make check        every test that a machine without a card can run"
	@echo "make check-quick  the short ones, under two minutes once built"
	@echo "make vm           fetch and build what a virtual machine with simulated cards needs; KERNEL=6.1"
	@echo "make check-vm     the kernel driver and all above it in that machine; KERNEL=6.1|6.12|7.3|debug CARD=rtl TESTS="
	@echo "make vm-shell     a shell in it, with the card up"
	@echo "make bench        quality and speed beside x264; tables and plots in $(BUILD)/bench; BENCH=--help"
	@echo "make fuzz         search for crashes: FUZZ=name TIME=seconds (default: all, 60 each)"
	@echo "make rtl          the chip in RTL behind SL_DEVICE=sim:rtl, by Verilator; make rtl-waves: with waveforms"
	@echo "make check-rtl    its blocks, its processor, and the stack tests on it"
	@echo "make fuzz-rtl     random clients on it, results the same under every timing: TIME=seconds SEED=n"
	@echo "make rtl-coverage lines and toggles of it that random clients reach; ROUNDS=n"
	@echo "make area         generic cells and memory bits of its blocks, by Yosys"
	@echo "make driver       the kernel module: KDIR=/lib/modules/.../build KROOT= W=1 C=2"
	@echo "make install      DESTDIR= PREFIX=$(PREFIX) LIBDIR=$(LIBDIR); make uninstall"
	@echo "make clean        remove $(BUILD)/"
	@echo
	@echo "BUILD=dir SAN=address,undefined CC=clang OPT=-O0 V=1 change how things are built"
