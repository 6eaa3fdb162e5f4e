# SPDX-License-Identifier: MIT
"""The guest's root: a squashfs image of unpacked Debian packages, without init system or services."""

import glob
import os
import re
import shutil
import subprocess

import cache
import debian
import recipe

LIB = "usr/lib/x86_64-linux-gnu"


def folder(tools):
    """The folder with root.squashfs, and a static busybox for the initramfs."""
    suite = debian.host_suite()
    if not suite:
        raise debian.Unavailable("the guest is made of the host's own Debian packages, and this is not Debian")
    newer = recipe.NEWER if suite != recipe.NEWER["suite"] else None
    what = [suite, recipe.GUEST, newer, 2]

    def build(path, scratch):
        root = os.path.join(scratch, "root")
        _unpack(suite, root, scratch)
        if newer:
            _add_newer(newer, root, scratch)
        _finish(root)
        shutil.copy(os.path.join(root, "usr/bin/busybox"), path)
        run = subprocess.run(tools.command("mksquashfs") + [
            root, os.path.join(path, "root.squashfs"), "-comp", "zstd", "-Xcompression-level", "3", "-all-root",
            "-noappend", "-no-progress", "-quiet"], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise debian.Unavailable("mksquashfs failed: " + run.stderr.strip())

    return cache.folder("guest", what, build)


def _unpack(suite, root, scratch):
    folder = os.path.join(scratch, "apt")
    packages = list(recipe.GUEST["packages"])
    if suite == recipe.NEWER["suite"]:
        packages += [p for p in recipe.NEWER["packages"] if p not in packages]
    apt = debian.Apt(folder, suite, assumed=recipe.GUEST["without"])
    debs = apt.fetch(packages)
    plugins = recipe.GUEST["plugins"]
    alone = apt.fetch_alone(list(plugins), os.path.join(folder, "alone"))
    debian.unpack(debs, root)
    debian.unpack(alone, root, only=[f"./{LIB}/gstreamer-1.0/libgst{name}.so"
                                     for names in plugins.values() for name in names])
    apt.drop()


def _add_newer(newer, root, scratch):
    """Programs of a newer suite: under /opt/newer with the libraries they need, started by a script."""
    other = os.path.join(scratch, "newer")
    apt = debian.Apt(os.path.join(scratch, "apt"), newer["suite"], assumed=newer["without"])
    debian.unpack(apt.fetch(newer["packages"]), other)
    apt.drop()
    programs = [os.path.join(other, "usr/bin", p) for p in newer["programs"]]
    target = os.path.join(root, "opt/newer")
    os.makedirs(target)
    for path in [*programs, *closure(programs, [os.path.join(other, LIB)])]:
        shutil.copy(path, target)
    for program in newer["programs"]:
        script = os.path.join(root, "usr/bin", program)
        with open(script, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nexec /opt/newer/ld-linux-x86-64.so.2 --library-path /opt/newer "
                    f'/opt/newer/{program} "$@"\n')
        os.chmod(script, 0o755)
    shutil.rmtree(other)


def _finish(root):
    """What maintainer scripts would have done, as far as it matters here."""
    for pattern in recipe.GUEST["remove"]:
        for path in glob.glob(os.path.join(root, pattern)):
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.remove(path)
    # Alternatives of libraries, and libraries in folders of their own: beside the others, where the
    # linker looks without a cache.
    lib = os.path.join(root, LIB)
    for path in glob.glob(os.path.join(lib, "*", "lib*.so.*")):
        name = os.path.basename(path)
        if os.path.basename(os.path.dirname(path)) in ("blas", "lapack", "pulseaudio") and \
                not os.path.exists(os.path.join(lib, name)):
            os.symlink(os.path.relpath(path, lib), os.path.join(lib, name))
    # busybox for all that no package brought.
    names = subprocess.run([os.path.join(root, "usr/bin/busybox"), "--list"], capture_output=True, text=True,
                           check=True).stdout.split()
    for name in names:
        if not any(os.path.lexists(os.path.join(root, d, name)) for d in ("usr/bin", "usr/sbin")):
            os.symlink("busybox", os.path.join(root, "usr/bin", name))
    if not os.path.lexists(os.path.join(root, "usr/bin/awk")):
        os.symlink("gawk", os.path.join(root, "usr/bin/awk"))
    for folder in ("dev", "proc", "sys", "sl", "tmp", "run", "root", "mnt", "etc", "lib/modules", "lib/firmware"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    for name, text in (("passwd", "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
                       ("group", "root:x:0:\nvideo:x:44:\nrender:x:105:\nnogroup:x:65534:\n"),
                       ("ld.so.conf", f"/usr/local/lib\n/{LIB}\n")):
        with open(os.path.join(root, "etc", name), "w", encoding="utf-8") as f:
            f.write(text)
    missing = missing_libraries(root) - set(recipe.GUEST["lacking"])
    if missing:
        raise debian.Unavailable("the guest would lack libraries: " + ", ".join(sorted(missing)))


def needed(paths):
    """{path: names of the libraries it is linked to}, of those paths that are ELF files."""
    result = {}
    for start in range(0, len(paths), 500):
        run = subprocess.run(["readelf", "-d", "-W", *paths[start:start + 500]], capture_output=True, text=True,
                             check=False, errors="replace")
        current = paths[start]
        for line in run.stdout.splitlines():
            if line.startswith("File: "):
                current = line[6:]
            found = re.search(r"\(NEEDED\).*\[(.*)\]", line)
            if found:
                result.setdefault(current, []).append(found.group(1))
    return result


def closure(programs, folders):
    """The library files that programs need, all levels, and the dynamic linker."""
    found, todo = {}, list(programs)
    while todo:
        names = {n for libs in needed(todo).values() for n in libs} | {"ld-linux-x86-64.so.2"}
        todo = []
        for name in names - set(found):
            path = next((p for p in (os.path.join(d, name) for d in folders) if os.path.exists(p)), None)
            if not path:
                raise debian.Unavailable(f"no {name} for {os.path.basename(programs[0])}")
            found[name] = path
            todo.append(path)
    return sorted(found.values())


def missing_libraries(root):
    """Names of libraries that something in the root is linked to and that are not there."""
    there, files = set(), []
    for base, _, names in os.walk(os.path.join(root, "usr")):
        for name in names:
            path = os.path.join(base, name)
            if ".so" in name:
                there.add(name)
            if not os.path.islink(path) and (".so" in name or os.access(path, os.X_OK)):
                files.append(path)
    return {lib for libs in needed(files).values() for lib in libs} - there
