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

CPPFLAGS += -I. -I$(BUILD)/gen -D_GNU_SOURCE -DSL200_VERSION='"$(VERSION)"'
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

# A program: $(eval $(call program,name,sources,archives,libs[,folder])) -> $(BUILD)/bin/name,
# or $(BUILD)/folder/name
define program
$(BUILD)/$(or $(5),bin)/$(1): $(call objs,$(2)) $(3)
	@mkdir -p $$(@D)
	@echo "  LD      $$@"
	$(Q)$$(CC) $$(CFLAGS) -o $$@ $$(filter %.o %.a,$$^) $$(LDFLAGS) $(4)
PROGRAMS += $(if $(5),,$(BUILD)/bin/$(1))
endef

# A CUnit test: $(eval $(call unit_test,name,sources,archives,libs)) -> $(BUILD)/tests/name;
# `make check` runs it in the sanitizer trees.
define unit_test
$(eval $(call program,$(1),$(2),$(3),$(4) -lcunit,tests))
UNIT_TESTS += $(BUILD)/tests/$(1)
endef

PROGRAMS :=
LIBRARIES :=
UNIT_TESTS :=
GENERATED :=

include $(wildcard abi/build.mk)
include $(wildcard firmware/build.mk)
include $(wildcard sim/build.mk)
include $(wildcard driver/core/build.mk)
include $(wildcard libsl/build.mk)
include $(wildcard va-backend/build.mk)
include $(wildcard tools/build.mk)
include $(wildcard tests/build.mk)

generated: $(GENERATED)
.PHONY: generated

all: $(LIBRARIES) $(PROGRAMS)

unit-tests: $(UNIT_TESTS)
.PHONY: unit-tests

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
