# SPDX-License-Identifier: MIT
"""An initramfs archive ("newc" cpio), written without root: everything in it belongs to root."""

import stat


class Archive:
    """Entries in the order given; folders must come before what is in them."""

    def __init__(self, path):
        self._file = open(path, "wb")  # pylint: disable=consider-using-with
        self._inode = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._entry("TRAILER!!!", 0, b"")
        self._file.close()

    def _entry(self, name, mode, data, device=(0, 0)):
        self._inode += 1
        encoded = name.encode() + b"\0"
        fields = (self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(encoded), 0)
        header = b"070701" + b"".join(b"%08x" % f for f in fields)
        self._write(header + encoded)
        self._write(data)

    def _write(self, data):
        self._file.write(data + b"\0" * (-len(data) % 4))

    def folder(self, name):
        """A folder, mode 0755."""
        self._entry(name, stat.S_IFDIR | 0o755, b"")

    def file(self, name, data, mode=0o644):
        """A file with these bytes."""
        self._entry(name, stat.S_IFREG | mode, data)

    def console(self):
        """/dev/console, which the kernel opens for init before anything is mounted."""
        self._entry("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1))
