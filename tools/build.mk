# SPDX-License-Identifier: MIT
-include tools/slenc.mk tools/slsmi.mk tools/slrun.mk tools/slcard.mk
