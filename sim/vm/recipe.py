# SPDX-License-Identifier: MIT
"""What a virtual machine is made of. Changing anything here makes the cache build it anew."""

# QEMU with the vfio-user-pci device, and what makes the root image, in any host.
TOOLS = {
    "suite": "trixie",
    "backports": ["qemu*", "seabios", "ipxe-qemu"],
    "packages": ["qemu-system-x86", "squashfs-tools"],
}
QEMU_LEAST = (11, 0)

# The guest's userland, of the host's own suite: what is built on the host runs in it.
GUEST = {
    "packages": [
        # a system to run test scripts in
        "bash", "busybox-static", "coreutils", "findutils", "gawk", "grep", "kmod", "procps", "sed", "strace",
        "util-linux",
        # users of the card
        "ffmpeg", "gstreamer1.0-tools", "intel-gpu-tools", "vainfo",
        # libraries of the stack's own programs and tests, and of the GStreamer plugins below
        "libcunit1", "libdrm2", "libgstreamer-plugins-bad1.0-0",
        "libgstreamer-plugins-base1.0-0", "libgudev-1.0-0", "libjansson4", "liborc-0.4-0", "libsodium23",
        "libva-drm2",
    ],
    # Packages of which only some files are wanted, and not their dependencies.
    "plugins": {
        "gstreamer1.0-plugins-base": ["app", "rawparse", "typefindfunctions", "videoconvert",
                                      "videoconvertscale", "videotestsrc"],
        "gstreamer1.0-plugins-bad": ["va", "videoparsersbad"],
    },
    # Left out: OpenGL drivers, desktops, init, and what only maintainer scripts need.
    "without": [
        "adduser", "adwaita-icon-theme", "base-files", "dbus", "dbus-user-session", "dconf-gsettings-backend",
        "debconf", "dpkg", "fontconfig-config", "fonts-dejavu-core", "glib-networking",
        "gsettings-desktop-schemas", "hicolor-icon-theme", "init-system-helpers", "iso-codes", "libegl-mesa0",
        "libgl1-mesa-dri", "libglx-mesa0", "libllvm15", "libllvm19", "libpam-modules", "libpam-runtime",
        "libpam0g", "login", "lsb-base", "mesa-libgallium", "mesa-va-drivers", "mesa-vdpau-drivers", "mount",
        "passwd", "perl", "perl-base", "shared-mime-info", "systemd", "sysvinit-utils", "tar",
        "timgm6mb-soundfont", "usr-is-merged", "usrmerge", "util-linux-extra", "va-driver-all",
        "vdpau-driver-all", "x11-common", "xkb-data",
    ],
    # Linked to by programs that nothing here starts (su, libcaca's OpenGL driver).
    "lacking": ["libGLU.so.1", "libglut.so.3.12", "libpam.so.0", "libpam_misc.so.0"],
    "remove": ["usr/include", "usr/lib/x86_64-linux-gnu/gconv", "usr/lib/x86_64-linux-gnu/mfx",
               "usr/lib/x86_64-linux-gnu/pkgconfig", "usr/lib/x86_64-linux-gnu/*.a"],
}

# Tools that only newer suites have; they run in the guest with their own C library.
NEWER = {
    "suite": "trixie",
    "programs": ["gputop", "nvtop"],
    "packages": ["intel-gpu-tools", "nvtop"],
    "without": ["python3", "perl", "perl-base", "libpam0g", "debconf", "dpkg", "libllvm19",
                "fontconfig-config", "fonts-dejavu-core", "x11-common", "mesa-libgallium"],
}

# Kernels by the name users give; `debug` is built by debug-kernel.sh.
KERNELS = {
    "6.1": {"suite": "bookworm"},
    "6.12": {"suite": "trixie"},
    "7.3": {"suite": "trixie", "backports": ["linux-*"]},
}

# Modules in the initramfs. What mounts the root must be there (or built in); of the rest, what the
# kernel has: sl200.ko may depend on them, and tests use them.
MODULES = ["virtio_pci", "virtio_blk", "squashfs", "overlay", "9p", "9pnet_virtio"]
MODULES_OPTIONAL = ["drm", "drm_kms_helper", "drm_shmem_helper", "drm_buddy", "gpu_buddy", "drm_exec",
                    "drm_gpuvm", "gpu_sched", "vgem", "udmabuf", "aer_inject", "drm_panel_orientation_quirks"]

# To build modules for kernels of another suite than the host's.
BUILD_ROOT = ["bash", "binutils", "coreutils", "diffutils", "findutils", "gawk", "gcc", "grep", "gzip",
              "libc6-dev", "libelf1", "make", "sed", "xz-utils"]
