#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# A minute of the fuzzer; docs/vm.md says how to run it for longer.
exec "$BUILD/vmtests/drm_fuzz" -t 60 -n 1000000
