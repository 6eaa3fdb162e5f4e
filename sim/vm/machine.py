# SPDX-License-Identifier: MIT
"""A virtual machine with simulated cards: processes, their sockets, and their end."""

import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import cache
import qmp
import services
import slot

PR_SET_PDEATHSIG = 1
# Of the first card; the next ones count on.
FIRST_SERIAL = 0x5352303030303031


def die_with_parent():
    """In a child before exec: it ends when this program does, whatever ends that."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Card:
    """One slcard process. Its socket stays the same over restarts."""

    def __init__(self, number, program, options, folder, log):
        self.number = number
        self.socket = os.path.join(folder, f"card{number}.sock")
        self.options = list(options)
        self._program = program
        self._log = log
        self._process = None

    def start(self):
        """Starts the process and waits until it listens."""
        if self.running():
            raise RuntimeError(f"card {self.number} runs already")
        ready, write = os.pipe()
        try:
            self._process = subprocess.Popen(
                [self._program, "--socket", self.socket, "--ready-fd", str(write), *self.options],
                stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, pass_fds=[write],
                preexec_fn=die_with_parent)
        finally:
            os.close(write)
        with os.fdopen(ready, "rb") as pipe:
            if not select.select([pipe], [], [], 20.0)[0] or not pipe.read(1):
                self.kill()
                raise RuntimeError(f"card {self.number} did not start; see its log")

    def running(self):
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def signal(self, number):
        """Sends a signal."""
        if not self.running():
            raise RuntimeError(f"card {self.number} does not run")
        self._process.send_signal(number)

    def kill(self):
        """Ends the process as a power failure would."""
        if self.running():
            self._process.kill()
        if self._process is not None:
            self._process.wait()


class Machine:
    """QEMU, its cards, and the channels to the guest. `settings` is what vm.py's options say."""

    def __init__(self, settings):
        self.settings = settings
        self.folder = tempfile.mkdtemp(prefix="sl200-vm-")
        self.results = settings.results
        self.cards = []
        self.slots = []
        self.monitor = None
        self.status = None
        self._qemu = None
        self._logs = []
        self._threads = []

    def start(self, job):
        """Starts cards and machine; `job` is the shell script the guest runs."""
        settings = self.settings
        os.makedirs(self.results, exist_ok=True)
        with open(os.path.join(self.results, "job"), "w", encoding="utf-8") as f:
            f.write(job)
        for number in range(settings.ports):
            options = ["--serial", str(FIRST_SERIAL + number), *settings.card_options]
            self.cards.append(Card(number, settings.slcard, options, self.folder, self._open_log(f"card{number}.log")))
            self.slots.append(slot.Slot(self._path(f"slot{number}.sock"), self._open_log(f"slot{number}.log")))
            if number < settings.cards:
                self.cards[number].start()
                self.slots[number].put_in(self.cards[number].socket)
        command = self._command()
        with open(os.path.join(self.results, "qemu.command"), "w", encoding="utf-8") as f:
            f.write(json.dumps(command, indent=1) + "\n")
        interactive = settings.shell
        self._qemu = subprocess.Popen(
            command, stdin=None if interactive else subprocess.DEVNULL,
            stdout=None if interactive else self._open_log("qemu.log"), stderr=self._open_log("qemu.err"),
            preexec_fn=die_with_parent)
        self.monitor = qmp.Monitor(self._path("qmp.sock"))
        if not interactive:
            self._thread(self._copy_output, self._connect("out.sock"))
        self._thread(services.serve, self, self._connect("host.sock"))

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _open_log(self, name):
        log = open(os.path.join(self.results, name), "wb")  # pylint: disable=consider-using-with
        self._logs.append(log)
        return log

    def _thread(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _connect(self, name):
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        channel.connect(self._path(name))
        return channel

    def device(self, number):
        """The properties of card `number` behind its root port."""
        return {"driver": "vfio-user-pci", "id": f"card{number}", "bus": f"port{number}",
                # Past it QEMU takes the channel for dead, and aborts; a loaded host can be slow.
                "x-msg-timeout": 60000,
                "socket": {"type": "unix", "path": self.slots[number].socket}}

    def _command(self):
        settings = self.settings
        # Its own C library's loader starts it, so nothing of the host's environment may get in between.
        # A busy host makes the kernel's check of the timer fail, which it takes for a broken machine.
        append = "panic=-1 no_timer_check console=ttyS0 " + ("sl200.shell quiet loglevel=3" if settings.shell else "loglevel=5")
        if settings.kernel.name == "debug":
            append += " initcall_blacklist=vgem_init"  # built in there, it would be the first render node
            append += " slub_debug=A,kmalloc-*"  # the caches whose allocations tests make fail
        command = [*settings.qemu, "-nodefaults", "-no-user-config", "-no-reboot",
                   # Hotplug by the root ports themselves, as in a host: not by ACPI.
                   "-M", "q35,memory-backend=mem", "-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off",
                   "-object", f"memory-backend-memfd,id=mem,size={settings.memory}M,share=on",
                   "-m", f"{settings.memory}M", "-smp", str(settings.cpus), *settings.accel,
                   "-display", "none", "-rtc", "base=utc",
                   "-qmp", f"unix:{self._path('qmp.sock')},server=on,wait=off",
                   "-kernel", settings.kernel.vmlinuz, "-initrd", settings.kernel.initrd,
                   "-append", f"{append} {settings.append}".strip(),
                   "-drive", f"if=none,id=root,format=raw,readonly=on,file={settings.image}",
                   "-device", "virtio-blk-pci,drive=root"]
        if settings.shell:
            command += ["-chardev", "stdio,id=console,mux=off,signal=off", "-serial", "chardev:console"]
        else:
            command += ["-serial", "file:" + os.path.join(self.results, "console.log")]
        # Serial ports come back after suspend; virtio's ports do not on every kernel. Each has an interrupt
        # of its own: not all kernels let them share one.
        for index, name, irq in ((1, "out", 3), (2, "host", 5)):
            command += ["-chardev", f"socket,id={name},path={self._path(name + '.sock')},server=on,wait=off",
                        "-device", f"isa-serial,chardev={name},index={index},irq={irq}"]
        for tag, path, mode in (("src", settings.source, ",readonly=on"), ("build", settings.build, ",readonly=on"),
                                ("results", self.results, "")):
            command += ["-virtfs", f"local,path={path},mount_tag={tag},security_model=none,multidevs=remap{mode}"]
        for number in range(settings.ports):
            command += ["-device", f"pcie-root-port,id=port{number},chassis={number + 1},slot={number + 1},pref64-reserve=512M,mem-reserve=4M,"
                        # Newer kernels switch a slot off after sleep; QEMU would remove the card, and abort.
                        "power_controller_present=off"]
        for number in range(settings.cards):
            command += ["-device", json.dumps(self.device(number))]
        return command

    def _copy_output(self, channel):
        """The guest's output: to our stdout, and to a file."""
        with open(os.path.join(self.results, "output.log"), "wb") as log, channel.makefile("rb") as lines:
            for line in lines:
                log.write(line)
                log.flush()
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()

    def later(self, action, *arguments):
        """Runs action(machine, ...) beside everything else."""
        self._thread(action, self, *arguments)

    def finish(self, status):
        """The guest's job has ended with this status."""
        self.status = status

    def wait(self, timeout):
        """Waits for the job's end; returns its exit status. 124: time is up; 125: the machine ended."""
        deadline = time.monotonic() + timeout
        while self.status is None:
            if self._qemu.poll() is not None:
                time.sleep(0.2)
                if self.status is None:
                    if self.settings.shell:
                        return 0
                    cache.say("the machine ended before its job did")
                    self._show_console()
                    return 125
            if time.monotonic() > deadline:
                cache.say(f"no end after {timeout:.0f} s")
                self._show_console()
                return 124
            time.sleep(0.05)
        return self.status

    def _show_console(self):
        with open(os.path.join(self.results, "console.log"), "rb") as f:
            f.seek(max(0, os.path.getsize(f.name) - 4000))
            sys.stderr.write(f.read().decode(errors="replace"))

    def stop(self):
        """Ends everything, in any state."""
        if self._qemu is not None and self._qemu.poll() is None:
            # What the guest has written is on its way to us still.
            time.sleep(0.1)
            self._qemu.terminate()
            try:
                self._qemu.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._qemu.kill()
                self._qemu.wait()
        for card in self.cards:
            card.kill()
        for place in self.slots:
            place.close()
        if self.monitor:
            self.monitor.close()
        for thread in self._threads:
            thread.join(timeout=2)
        for log in self._logs:
            log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
