# SPDX-License-Identifier: MIT
# The simulated card: each part has its own file.
-include sim/entropy.mk
-include sim/venc.mk
