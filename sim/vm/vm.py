#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Virtual machines with simulated SL200 cards, on stock QEMU.

  vm.py prepare [--kernel NAME]... [--headers]   fetch and build what a machine needs, into the cache
  vm.py headers --kernel NAME                    print KDIR and KROOT for `make driver`
  vm.py run [options] -- COMMAND...              run a command in a new guest; its exit status is ours
  vm.py shell [options] [-- COMMAND...]          the same, then a shell on this terminal

In the guest the source tree is /sl/src, the build tree /sl/build (both read-only), and the results
folder /sl/results. `host REQUEST` asks this program to kill or restart a card and the like: `host help`.
docs/vm.md has the rest. Exit status 77: this machine cannot run it, and why is said; 124: time is up;
125: the guest died.
"""

import argparse
import os
import shlex
import signal
import sys

import accel
import debian
import kernel
import machine
import tools
import userland

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED = 77


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="action", required=True)
    prepare = commands.add_parser("prepare")
    prepare.add_argument("--kernel", action="append", default=None, help="6.1 (default), 6.12, 7.3, debug")
    prepare.add_argument("--headers", action="store_true", help="also what builds modules")
    headers = commands.add_parser("headers")
    headers.add_argument("--kernel", default="6.1")
    for name in ("run", "shell"):
        sub = commands.add_parser(name)
        sub.add_argument("--kernel", default="6.1", help="6.1 (default), 6.12, 7.3, debug")
        sub.add_argument("--build", default=os.environ.get("BUILD", "build"), help="build tree (build)")
        sub.add_argument("--results", help="folder for logs and the guest's files (BUILD/vm/KERNEL)")
        sub.add_argument("--cards", type=int, default=1, help="cards in their slots at start (1)")
        sub.add_argument("--slots", type=int, default=0, help="slots, if more than cards")
        sub.add_argument("--card-option", action="append", default=[], help="option of slcard; repeatable")
        sub.add_argument("--memory", type=int, default=1024, help="MiB (1024)")
        sub.add_argument("--cpus", type=int, default=2)
        sub.add_argument("--append", default="", help="more for the kernel's command line")
        sub.add_argument("--timeout", type=float, default=600 if name == "run" else 1e9, help="seconds (600)")
        sub.add_argument("command", nargs="*", metavar="COMMAND")
    return parser.parse_args()


def settle(arguments):
    """Prepares everything and completes the settings of a machine."""
    arguments.build = os.path.abspath(arguments.build)
    arguments.source = SOURCE
    arguments.shell = arguments.action == "shell"
    arguments.results = os.path.abspath(
        arguments.results or os.path.join(arguments.build, "vm", arguments.kernel))
    arguments.ports = max(arguments.slots, arguments.cards)
    arguments.slcard = os.path.join(arguments.build, "bin/slcard")
    arguments.card_options = arguments.card_option
    if arguments.cards and not os.access(arguments.slcard, os.X_OK):
        raise debian.Unavailable(f"no {arguments.slcard}: build the tree first")
    if not os.path.isdir(arguments.build):
        raise debian.Unavailable(f"no build tree {arguments.build}")
    box = tools.Tools()
    guest = userland.folder(box)
    arguments.image = os.path.join(guest, "root.squashfs")
    arguments.kernel = kernel.Kernel(arguments.kernel, os.path.join(guest, "busybox"))
    arguments.qemu = box.qemu()
    arguments.accel = accel.options(arguments.qemu, arguments.kernel)
    return arguments


def run(arguments):
    """One guest, from start to end."""
    settings = settle(arguments)
    box = machine.Machine(settings)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    try:
        box.start(" ".join(shlex.quote(word) for word in settings.command) or "true")
        return box.wait(settings.timeout)
    except RuntimeError as error:
        print(f"vm: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        # A second signal must not leave processes behind.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        box.stop()


def main():
    """Program."""
    arguments = parse()
    try:
        if arguments.action in ("run", "shell"):
            return run(arguments)
        busybox = os.path.join(userland.folder(tools.Tools()), "busybox")
        if arguments.action == "headers":
            print(*kernel.Kernel(arguments.kernel, busybox).headers())
            return 0
        for name in arguments.kernel or ["6.1"]:
            prepared = kernel.Kernel(name, busybox)
            if arguments.headers:
                prepared.headers()
        return 0
    except debian.Unavailable as error:
        print(f"vm: {error}", file=sys.stderr)
        return SKIPPED


if __name__ == "__main__":
    sys.exit(main())
