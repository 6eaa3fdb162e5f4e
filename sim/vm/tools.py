# SPDX-License-Identifier: MIT
"""QEMU and mksquashfs: the host's own QEMU when it can, else Debian's, run with its own C library in
place: no root, no chroot, and the host's paths stay what they are."""

import os
import re
import shutil
import subprocess

import cache
import debian
import recipe


class Tools:
    """Where programs of the tools folder are, as command lines."""

    def __init__(self):
        self.folder = cache.folder("tools", [recipe.TOOLS, 1], self._build)

    @staticmethod
    def _build(path, scratch):
        apt = debian.Apt(scratch, recipe.TOOLS["suite"], backports=recipe.TOOLS["backports"])
        debian.unpack(apt.fetch(recipe.TOOLS["packages"]), path)
        # Other machines, their firmware, and network boot: nobody starts them here.
        data = os.path.join(path, "usr/share/qemu")
        for name in os.listdir(data):
            if not re.match(r"bios|vgabios|linuxboot|multiboot|pvh|kvmvapic|qboot", name):
                target = os.path.join(data, name)
                if os.path.isdir(target) and not os.path.islink(target):
                    shutil.rmtree(target)
                else:
                    os.remove(target)
        for name in ("qemu-system-i386", "qemu-system-x86_64-microvm"):
            os.remove(os.path.join(path, "usr/bin", name))
        for name in ("usr/lib/ipxe", "usr/share/edk2", "usr/lib/x86_64-linux-gnu/perl"):
            shutil.rmtree(os.path.join(path, name), ignore_errors=True)

    def command(self, program):
        """The start of a command line that runs a program of this folder."""
        lib = os.path.join(self.folder, "usr/lib/x86_64-linux-gnu")
        return [os.path.join(lib, "ld-linux-x86-64.so.2"), "--library-path", lib,
                os.path.join(self.folder, "usr/bin", program)]

    def qemu(self):
        """The command line of a QEMU that has vfio-user-pci."""
        own = host_qemu()
        if own:
            return [own]
        share = os.path.join(self.folder, "usr/share")
        return self.command("qemu-system-x86_64") + ["-L", share + "/qemu", "-L", share + "/seabios"]


def host_qemu():
    """The host's own QEMU, if it is new enough and has the device; else None."""
    path = shutil.which("qemu-system-x86_64")
    if not path:
        return None
    try:
        version = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=True)
        found = re.search(r"version (\d+)\.(\d+)", version.stdout)
        if not found or tuple(map(int, found.groups())) < recipe.QEMU_LEAST:
            return None
        devices = subprocess.run([path, "-device", "help"], capture_output=True, text=True, timeout=20,
                                 check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return path if '"vfio-user-pci"' in devices.stdout + devices.stderr else None
