#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# Errors of the PCI Express link, by the kernel's AER error injection.
. "$(dirname "$0")/../fault_lib.sh"

modprobe aer_inject 2>/dev/null
if [ ! -e /dev/aer_inject ]; then
	echo "skip - PCIe errors: this kernel has no AER error injection"
	exit 0
fi

# The kernel's struct aer_error_inj: bus, device, function, a byte of padding, then 32-bit words:
# uncorrectable status, correctable status, four of header log, domain.
error_record() { # uncorrectable status, correctable status
	local domain bus slot function word
	IFS=':.' read -r domain bus slot function <<<"$bdf"
	printf '%b' "\\x$bus\\x$slot\\x0$function\\x00"
	for word in $(($1)) $(($2)) 0 0 0 0 $((16#$domain)); do
		printf '%b' "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((word & 255)) $((word >> 8 & 255)) \
			$((word >> 16 & 255)) $((word >> 24 & 255)))"
	done
}

record=$(mktemp)
# PCI Express Base 7.8.4.2: bit 4, data link protocol error (fatal); bit 12, poisoned TLP (non-fatal).
error_record 0x10 0 >"$record"
fault "fatal PCIe error" lost 60 "cat $record >/dev/aer_inject"
error_record 0x1000 0 >"$record"
fault "uncorrectable, non-fatal PCIe error" lost 60 "cat $record >/dev/aer_inject"
# 7.8.4.5: bit 0, receiver error.
error_record 0 1 >"$record"
fault "correctable PCIe error" none 60 "cat $record >/dev/aer_inject"
finish
