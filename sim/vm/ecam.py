# SPDX-License-Identifier: MIT
"""The window of memory through which a q35 guest reaches extended configuration space (PCIEXBAR of the
memory controller). Waking from suspend resets it, and setting it again is the firmware's duty, which the one
in the machine does not do: the kernel would find devices without serial numbers and take them for others."""

ADDRESS, DATA = 0xcf8, 0xcfc
# Of function 00:00.0; the low half last, as it holds the enable bit.
PCIEXBAR = (0x64, 0x60)


class Ecam:
    def __init__(self, monitor):
        self._monitor = monitor
        self._saved = None

    def _read(self, port):
        return int(self._monitor.human(f"i /xw {port:#x}").split("=")[1], 0)

    def _write(self, port, value):
        self._monitor.human(f"o /w {port:#x} {value:#x}")

    def _select(self, register):
        self._write(ADDRESS, 0x80000000 | register)

    def _stopped(self, action):
        """Runs it between two of the guest's own accesses, and leaves the address it had chosen."""
        self._monitor.execute("stop")
        address = self._read(ADDRESS)
        action()
        self._write(ADDRESS, address)
        self._monitor.execute("cont")

    def save(self):
        def action():
            self._saved = []
            for register in PCIEXBAR:
                self._select(register)
                self._saved.append(self._read(DATA))
        self._stopped(action)

    def restore(self):
        def action():
            for register, value in zip(PCIEXBAR, self._saved):
                self._select(register)
                self._write(DATA, value)
        self._stopped(action)
