# SPDX-License-Identifier: MIT
"""Kernels for the guest: image, initramfs with the modules that mount the root, and headers to build
sl200.ko with."""

import glob
import lzma
import os
import re
import subprocess
import sys

import cache
import cpio
import debian
import recipe

HERE = os.path.dirname(os.path.abspath(__file__))


class Kernel:
    """One kernel, prepared. `name` is what users call it: 6.1, 6.12, 7.3, debug; `busybox` a static one."""

    def __init__(self, name, busybox):
        self._busybox = busybox
        if name != "debug" and name not in recipe.KERNELS:
            raise debian.Unavailable(f"KERNEL={name} is not one of {', '.join(recipe.KERNELS)}, debug")
        self.name = name
        if name == "debug":
            source = _debug_kernel()
            self._headers = os.path.join(source, "build")
            self.release = _read(os.path.join(source, "release"))
            self.vmlinuz = os.path.join(source, "vmlinuz")
            self.folder = cache.folder("kernel-debug", [source, _initramfs_recipe()],
                                       lambda path, _: self._initramfs(path, None))
        else:
            self._headers = None
            self.folder = cache.folder(f"kernel-{name}",
                                       [recipe.KERNELS[name], _initramfs_recipe(), recipe.MODULES,
                                        recipe.MODULES_OPTIONAL, 1], self._build)
            self.release = _read(os.path.join(self.folder, "release"))
            self.vmlinuz = os.path.join(self.folder, "vmlinuz")
        self.initrd = os.path.join(self.folder, "initrd")

    def _apt(self, scratch):
        what = recipe.KERNELS[self.name]
        return debian.Apt(os.path.join(scratch, "apt"), what["suite"], backports=what.get("backports", ()))

    def _build(self, path, scratch):
        apt = self._apt(scratch)
        packages = _kernel_packages(apt, "linux-image-amd64", r"linux-(image|base|binary|modules)-\d")
        debs = apt.fetch_alone(packages, os.path.join(scratch, "debs"))
        root = os.path.join(scratch, "root")
        debian.unpack(debs, root, only=["./boot/vmlinuz-*", "./lib/modules/*", "./usr/lib/modules/*"])
        # Where the image is has changed between Debian's releases.
        images = glob.glob(os.path.join(root, "boot/vmlinuz-*")) + \
            glob.glob(os.path.join(root, "usr/lib/modules/*/vmlinuz"))
        releases = os.listdir(os.path.join(root, "usr/lib/modules"))
        if len(images) != 1 or len(releases) != 1:
            raise debian.Unavailable(f"no kernel image in {', '.join(packages)}")
        release = releases[0]
        os.rename(images[0], os.path.join(path, "vmlinuz"))
        _write(os.path.join(path, "release"), release + "\n")
        self.release = release
        self._initramfs(path, os.path.join(root, "usr/lib/modules", release))

    def _initramfs(self, path, modules):
        """path/initrd: busybox, the first program, and modules in the order to load them."""
        release = self.release
        with cpio.Archive(os.path.join(path, "initrd")) as archive:
            for folder in ("dev", "bin", "lib", "lib/modules", "lib/modules/" + release):
                archive.folder(folder)
            archive.console()
            archive.file("bin/busybox", _bytes(self._busybox), 0o755)
            archive.file("init", _bytes(os.path.join(HERE, "guest/initramfs.sh")), 0o755)
            order = []
            if modules:
                tree = ModuleTree(modules)
                order = tree.order(recipe.MODULES)
                for name in order + [m for m in tree.order(recipe.MODULES_OPTIONAL, optional=True) if m not in order]:
                    archive.file(f"lib/modules/{release}/{name}.ko", tree.bytes(name))
                for name in ("modules.builtin", "modules.order", "modules.builtin.modinfo"):
                    if os.path.exists(os.path.join(modules, name)):
                        archive.file(f"lib/modules/{release}/{name}", _bytes(os.path.join(modules, name)))
            archive.file("modules", "".join(f"{name}.ko\n" for name in order).encode())

    def headers(self):
        """(KDIR, KROOT) to build modules with, as `make driver` takes them. KROOT, a root to build in,
        is empty where the host's own compiler is the kernel's."""
        if self._headers:
            return self._headers, ""
        suite = recipe.KERNELS[self.name]["suite"]
        kdir = "usr/src/linux-headers-" + self.release
        what = [recipe.KERNELS[self.name], self.release, recipe.BUILD_ROOT, debian.host_suite() == suite, 3]
        if debian.host_suite() == suite:
            folder = cache.folder(f"headers-{self.name}", what, self._build_headers)
            return os.path.join(folder, kdir), ""
        compiler = cache.folder(f"compiler-{suite}", [suite, recipe.BUILD_ROOT, 2], self._build_compiler)

        def build(path, scratch):
            # Links, so that the compiler takes its room once.
            subprocess.run(["cp", "-al", compiler + "/.", path], check=True)
            self._unpack_headers(path, scratch)

        return "/" + kdir, cache.folder(f"headers-{self.name}", what, build)

    def _unpack_headers(self, path, scratch):
        apt = self._apt(scratch)
        packages = _kernel_packages(apt, "linux-headers-" + self.release, r"linux-(headers|kbuild)-\d")
        debian.unpack(apt.fetch_alone(packages, os.path.join(scratch, "debs")), path)
        # Type information of the kernel, without which modules are built without their own.
        for name in glob.glob(os.path.join(path, "usr/src/linux-headers-*/vmlinux")):
            os.remove(name)

    def _build_headers(self, path, scratch):
        """Headers for the host's compiler: paths in them are made to fit where they are."""
        self._unpack_headers(path, scratch)
        main = os.path.join(path, "usr/src/linux-headers-" + self.release, "Makefile")
        text = _read(main).replace("/usr/src/", "$(dir $(abspath $(lastword $(MAKEFILE_LIST))))../")
        _write(main, text + "\n")

    def _build_compiler(self, path, scratch):
        apt = debian.Apt(os.path.join(scratch, "apt"), recipe.KERNELS[self.name]["suite"])
        debian.unpack(apt.fetch(recipe.BUILD_ROOT), path)
        for name, target in (("sh", "bash"), ("awk", "gawk")):
            if not os.path.lexists(os.path.join(path, "usr/bin", name)):
                os.symlink(target, os.path.join(path, "usr/bin", name))
        for folder in ("dev", "mnt", "proc", "tmp"):
            os.makedirs(os.path.join(path, folder), exist_ok=True)


def _kernel_packages(apt, first, pattern):
    """The package `first` and what of its dependencies, all levels, fits the pattern."""
    found, todo = [], [first]
    while todo:
        package = todo.pop()
        if re.match(pattern, package):
            found.append(package)
        todo += [p for p in apt.depends(package) if re.match(pattern, p) and p not in found + todo]
    if not found:
        raise debian.Unavailable(f"{first} of {apt.suite} depends on no kernel package")
    return found


def _debug_kernel():
    """The folder debug-kernel.sh builds, or has built."""
    script = os.path.join(HERE, "debug-kernel.sh")
    if not os.path.exists(script):
        raise debian.Unavailable("this tree has no sim/vm/debug-kernel.sh")
    run = subprocess.run([script], stdout=subprocess.PIPE, stderr=sys.stderr, text=True, check=False)
    lines = run.stdout.split()
    if run.returncode != 0 or not lines or not os.path.isdir(lines[-1]):
        raise debian.Unavailable("sim/vm/debug-kernel.sh failed")
    return lines[-1]


def _initramfs_recipe():
    return _read(os.path.join(HERE, "guest/initramfs.sh"))


class ModuleTree:
    """The modules of a kernel package. depmod has not seen it: dependencies are read from the modules."""

    def __init__(self, root):
        self._files = {}
        for base, _, names in os.walk(root):
            for name in names:
                found = re.match(r"(.*)\.ko(\.xz)?$", name)
                if found:
                    self._files[found.group(1).replace("-", "_")] = os.path.join(base, name)
        builtin = os.path.join(root, "modules.builtin")
        self._builtin = {os.path.basename(line)[:-3].replace("-", "_")
                         for line in _read(builtin).split()} if os.path.exists(builtin) else set()

    def bytes(self, name):
        """The module's file, uncompressed."""
        path = self._files[name]
        data = _bytes(path)
        return lzma.decompress(data) if path.endswith(".xz") else data

    def order(self, wanted, optional=False):
        """The modules to load for `wanted`, each after what it depends on."""
        result = []

        def add(name):
            name = name.replace("-", "_")
            if name in result or name in self._builtin:
                return
            if name not in self._files:
                raise debian.Unavailable(f"the kernel has no module {name}")
            found = re.search(rb"\0depends=([^\0]*)\0", self.bytes(name))
            for other in filter(None, (found.group(1) if found else b"").decode().split(",")):
                add(other)
            result.append(name)

        for name in wanted:
            if not optional or name in self._files:
                add(name)
        return result


def _read(path):
    with open(path, encoding="utf-8") as f:
        return f.read().strip()


def _bytes(path):
    with open(path, "rb") as f:
        return f.read()


def _write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
