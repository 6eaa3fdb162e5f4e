# SPDX-License-Identifier: MIT
"""Whether KVM is of use here. /dev/kvm may open and guests still hang under it (nested virtual
machines): so a guest is booted once, and the answer is remembered."""

import os
import platform
import subprocess

import cache

TCG = ["-accel", "tcg,thread=multi", "-cpu", "max"]
KVM = ["-accel", "kvm", "-cpu", "host"]


def options(qemu, kernel):
    """QEMU's options. SL_VM_ACCEL=kvm or tcg decides without a look."""
    wish = os.environ.get("SL_VM_ACCEL", "")
    if wish in ("kvm", "tcg"):
        return KVM if wish == "kvm" else TCG
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return TCG
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        model = next((line for line in f if line.startswith("model name")), "")
    what = cache.key([platform.release(), model, qemu])
    remembered = os.path.join(cache.root(), f"kvm-{what}")
    if not os.path.exists(remembered):
        works = _boots(qemu, kernel)
        cache.say("KVM works" if works else "KVM does not boot a guest here: emulating the processor")
        with open(remembered, "w", encoding="utf-8") as f:
            f.write("yes" if works else "no")
    with open(remembered, encoding="utf-8") as f:
        return KVM if f.read() == "yes" else TCG


def _boots(qemu, kernel):
    command = [*qemu, "-nodefaults", "-no-user-config", "-no-reboot", "-M", "q35", *KVM, "-m", "256", "-display",
               "none", "-serial", "stdio", "-kernel", kernel.vmlinuz, "-initrd", kernel.initrd, "-append",
               "console=ttyS0 quiet panic=-1 sl200.probe"]
    try:
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=8, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"the machine runs" in run.stdout
