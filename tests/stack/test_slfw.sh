#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# slfw: packing, signing, inspecting and verifying images; and the RV32 build's self-test.
set -u
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
slfw=$BUILD/bin/slfw
image=$BUILD/firmware/sl200.fw
key=firmware/keys/dev_key.sec
status=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

check() { # name, command; output is shown on failure
	local name=$1
	shift
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok - $name"
	else
		cat "$tmp/out"
		echo "not ok - $name"
		status=1
	fi
}

# exit status, pattern of the message, command
refuses() {
	local expected=$1 pattern=$2 rc
	shift 2
	"$@" >"$tmp/refused" 2>&1
	rc=$?
	cat "$tmp/refused"
	[ $rc -eq "$expected" ] && grep -q -- "$pattern" "$tmp/refused"
}

built_image_is_good() {
	"$slfw" verify --key $key "$image" && "$slfw" info "$image" | grep -q '^payload SHA-256' &&
		"$slfw" info "$image" | grep -q "^version *$(sed -n 's/^VERSION := //p' Makefile)$"
}

round_trip() {
	head -c 5000 /dev/urandom >"$tmp/payload" &&
		"$slfw" keygen -o "$tmp/key" -p "$tmp/public" && [ "$(stat -c %a "$tmp/key")" = 600 ] &&
		"$slfw" pack -k "$tmp/key" -o "$tmp/image" -v 1.20.300 -b "a build" -s 4 "$tmp/payload" &&
		"$slfw" verify -p "$tmp/public" -s 4 "$tmp/image" &&
		"$slfw" info "$tmp/image" | grep -q '^version *1.20.300$' &&
		tail -c 5000 "$tmp/image" | cmp - "$tmp/payload"
}

signing_again() {
	"$slfw" sign -k $key -o "$tmp/again" "$tmp/image" && "$slfw" verify -k $key "$tmp/again" &&
		refuses 1 'wrong signature' "$slfw" verify -p "$tmp/public" "$tmp/again"
}

# offset, bytes: a copy of the image with these bytes there
patched() {
	cp "$tmp/image" "$tmp/patched" && printf '%b' "$2" | dd of="$tmp/patched" bs=1 seek="$1" conv=notrunc status=none
}

corrupt_images() {
	patched 0 'XXXX' && refuses 1 'not a firmware image' "$slfw" info "$tmp/patched" &&
		patched 4 '\x02' && refuses 1 'at offset 4' "$slfw" verify -p "$tmp/public" "$tmp/patched" &&
		patched 20 '\x01' && refuses 1 'wrong signature' "$slfw" verify -p "$tmp/public" "$tmp/patched" &&
		cp "$tmp/image" "$tmp/patched" && printf '\xaa\xbb\xcc' | dd of="$tmp/patched" bs=1 seek=3000 conv=notrunc status=none &&
		refuses 1 'does not match its hash' "$slfw" verify -p "$tmp/public" "$tmp/patched" &&
		refuses 1 'security version too old' "$slfw" verify -p "$tmp/public" -s 5 "$tmp/image" &&
		head -c 100 "$tmp/image" >"$tmp/short" && refuses 1 'shorter than an image header' "$slfw" info "$tmp/short" &&
		head -c 5000 "$tmp/image" >"$tmp/short" && refuses 1 'at offset 8' "$slfw" verify -p "$tmp/public" "$tmp/short"
}

wrong_usage() {
	refuses 2 'a command is needed' "$slfw" && refuses 2 'unknown command' "$slfw" frobnicate x &&
		refuses 2 'needs --key' "$slfw" pack -o "$tmp/x" "$tmp/payload" &&
		refuses 2 'not of the form' "$slfw" pack -k $key -o "$tmp/x" -v 1.2 "$tmp/payload" &&
		refuses 2 'longer than 23' "$slfw" pack -k $key -o "$tmp/x" -b 123456789012345678901234 "$tmp/payload" &&
		refuses 1 'No such file' "$slfw" info "$tmp/none" &&
		refuses 1 'no key of 64' "$slfw" sign -k Makefile "$tmp/image" &&
		refuses 1 'File exists' "$slfw" keygen -o "$tmp/key" &&
		refuses 1 'at offset 8' "$slfw" pack -k $key -o "$tmp/x" "$slfw_payload_too_big" &&
		refuses 1 'No space left' "$slfw" pack -k $key -o /dev/full "$tmp/payload" &&
		"$slfw" --help | grep -q '^SYNOPSIS'
}

slfw_payload_too_big=$tmp/big
head -c 100000 /dev/zero >"$slfw_payload_too_big"

check "the image of the build is good" built_image_is_good
check "keygen, pack, verify, info" round_trip
check "signing again with another key" signing_again
check "corrupt images" corrupt_images
check "wrong usage and unusable files" wrong_usage
if command -v qemu-riscv32 >/dev/null && [ -f "$BUILD/firmware/selftest.elf" ]; then
	check "crypto and validation on RV32IMC" qemu-riscv32 "$BUILD/firmware/selftest.elf"
else
	echo "skip - crypto and validation on RV32IMC: no qemu-riscv32 (package qemu-user)"
fi
exit $status
