# SPDX-License-Identifier: MIT
"""What the guest may ask of the host, one line each; guest/bin/host is the other end. The answer is
"ok N" or "error N" and N lines. `host help` prints the list, made of the docstrings here."""

import signal
import time

import ecam
import qmp


class Refused(Exception):
    """Why a request is not granted."""


def _card(machine, word):
    if not word.isdecimal() or int(word) >= len(machine.cards):
        raise Refused(f"no card {word}: there are {len(machine.cards)}")
    return machine.cards[int(word)]


def card_kill(machine, number):
    """card-kill N: the card's process gets SIGKILL; from now on its slot is empty: reads give all-ones"""
    card = _card(machine, number)
    if not card.running():
        raise Refused(f"card {number} does not run")
    card.kill()


def card_start(machine, number, *options):
    """card-start N [OPTION...]: a killed card's process starts again, with other options if there are any,
    and is in its slot as after power-on"""
    card = _card(machine, number)
    if options:
        card.options = list(options)
    card.start()
    machine.slots[card.number].put_in(card.socket)


def card_pull(machine, number):
    """card-pull N: the card leaves its slot; its process goes on, and loses its state"""
    card = _card(machine, number)
    if not machine.slots[card.number].occupied():
        raise Refused(f"slot {number} is empty")
    machine.slots[card.number].pull_out()


def card_plug(machine, number):
    """card-plug N: the pulled card is in its slot again"""
    card = _card(machine, number)
    machine.slots[card.number].put_in(card.socket)


def card_add(machine, number):
    """card-add N: a new card in a slot that was empty since the start (vm.py --slots), with the interrupt
    that hotplug gives"""
    card_start(machine, number)
    machine.monitor.execute("device_add", **machine.device(int(number)))


def card_stop(machine, number):
    """card-stop N: the card's process freezes (SIGSTOP)"""
    _card(machine, number).signal(signal.SIGSTOP)


def card_continue(machine, number):
    """card-continue N: it goes on (SIGCONT)"""
    _card(machine, number).signal(signal.SIGCONT)


def card_running(machine, number):
    """card-running N: yes or no"""
    return "yes" if _card(machine, number).running() else "no"


def monitor(machine, *words):
    """monitor LINE: a line for QEMU's human monitor"""
    return machine.monitor.human(" ".join(words))


def wakeup_later(machine, seconds):
    """wakeup-later SECONDS: the machine wakes, these seconds after the guest has suspended"""
    machine.later(_wake_when_suspended, float(seconds))


def _wake_when_suspended(machine, seconds):
    window = ecam.Ecam(machine.monitor)
    window.save()
    if machine.monitor.wait_event("SUSPEND", lambda data: True, 120):
        time.sleep(seconds)
        machine.monitor.execute("system_wakeup")
        if machine.monitor.wait_event("WAKEUP", lambda data: True, 120):
            window.restore()


def clock(_machine):
    """clock: the host's monotonic clock in milliseconds, for times the guest cannot measure"""
    return str(time.monotonic_ns() // 1000000)


def exit_job(machine, status):
    """exit STATUS: the job has ended"""
    machine.finish(int(status))


REQUESTS = {f.__doc__.split(":")[0].split()[0]: f for f in (
    card_kill, card_start, card_pull, card_plug, card_add, card_stop, card_continue, card_running,
    monitor, wakeup_later, clock, exit_job)}


def answer(machine, line):
    """(granted, text) for one request."""
    words = line.split()
    if not words or words[0] == "help":
        return True, "\n".join(" ".join(f.__doc__.split()) for f in REQUESTS.values())
    request = REQUESTS.get(words[0])
    if not request:
        return False, f"unknown request: {words[0]}"
    try:
        return True, request(machine, *words[1:]) or ""
    except (Refused, RuntimeError, OSError, TypeError, ValueError, qmp.MonitorError) as error:
        return False, f"{words[0]}: {error}"


def serve(machine, channel):
    """Answers until the machine ends."""
    try:
        with channel.makefile("rb") as lines:
            for line in lines:
                granted, text = answer(machine, line.decode(errors="replace"))
                text = [x for x in text.replace("\r", "").split("\n") if x]
                reply = "".join(x + "\n" for x in [f"{'ok' if granted else 'error'} {len(text)}", *text])
                channel.sendall(reply.encode())
    except OSError:
        pass
