# SPDX-License-Identifier: MIT
"""The slot a card is in, between QEMU and the card's process.

QEMU neither survives the removal of a vfio-user device (11.1 aborts in its finalizer) nor connects
again to a card that came back. So the device stays in QEMU, and this relay is what it is connected to:
while there is a card, messages go through unchanged; while there is none, reads give all-ones and
writes go nowhere, as with an empty slot. A card that is put in gets what its predecessor was told of
the machine: DMA mappings and interrupt wires.
"""

import os
import select
import socket
import struct
import threading
import time

HEADER = struct.Struct("<HHIII")  # id, command, size, flags, error
ACCESS = struct.Struct("<QII")  # offset, region, count
MAP = struct.Struct("<IIQQQ")  # argsz, flags, offset, addr, size
UNMAP = struct.Struct("<IIQQ")  # argsz, flags, addr, size
IRQS = struct.Struct("<IIIII")  # argsz, flags, index, start, count

VERSION, DMA_MAP, DMA_UNMAP, GET_INFO, GET_REGION_INFO, GET_IRQ_INFO, SET_IRQS = 1, 2, 3, 4, 5, 7, 8
REGION_READ, REGION_WRITE, RESET, WRITE_MULTI = 9, 10, 13, 15
REPLY, NO_REPLY, ERROR = 0x1, 0x10, 0x20

MAX_FDS = 16
# A request that a card leaves unanswered so long gets the answer of an empty slot, as a root port's
# completion timeout would give it. QEMU itself waits longer.
PATIENCE = 4.0


class Gone(Exception):
    """The other end of a connection is closed, or does not take what it is sent."""


def receive(connection):
    """One message: (header fields, payload, descriptors)."""
    data, fds = b"", []
    while len(data) < HEADER.size:
        try:
            part, more, _, _ = socket.recv_fds(connection, HEADER.size - len(data), MAX_FDS)
        except OSError as error:
            raise Gone from error
        fds += more
        if not part:
            raise Gone
        data += part
    header = HEADER.unpack(data)
    if header[2] < HEADER.size:
        raise Gone
    payload = b""
    while len(payload) < header[2] - HEADER.size:
        try:
            part = connection.recv(header[2] - HEADER.size - len(payload))
        except OSError as error:
            raise Gone from error
        if not part:
            raise Gone
        payload += part
    return header, payload, fds


def send(connection, header, payload, fds=()):
    """One message."""
    data = HEADER.pack(*header) + payload
    try:
        sent = socket.send_fds(connection, [data], fds) if fds else connection.send(data)
        if sent < len(data):
            connection.sendall(data[sent:])
    except OSError as error:
        raise Gone from error


def close_all(fds):
    """Closes descriptors."""
    for fd in fds:
        os.close(fd)


class Slot:
    """One slot. `socket` is where QEMU connects; put_in() connects to a card, pull_out() drops it.
    What is out of the ordinary goes to `log`, a text file."""

    def __init__(self, path, log):
        self.socket = path
        self._log = log
        self._lock = threading.RLock()  # everything below, and whole messages in both directions
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen(1)
        self._card = None
        self._machine = None
        self._pending = {}  # request id -> (command, payload, when)
        self._version = None
        self._known = {}  # (command, payload) -> reply of requests whose answer never changes
        self._maps = {}  # addr -> (payload, fd)
        self._wires = {}  # (index, action, start) -> (payload, fds)
        threading.Thread(target=self._serve, daemon=True).start()

    def occupied(self):
        """Whether a card is connected."""
        with self._lock:
            return self._card is not None

    def put_in(self, path):
        """Connects to the card that listens at path and powers it up as a slot would."""
        card = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        card.settimeout(10.0)
        try:
            card.connect(path)
            with self._lock:
                if self._card is not None:
                    raise RuntimeError("there is a card in the slot")
                if self._version is not None:
                    self._introduce(card)
                card.settimeout(PATIENCE)
                self._card = card
                self._note("a card is in")
        except (OSError, Gone) as error:
            card.close()
            raise RuntimeError(f"the card does not answer: {error}") from error
        threading.Thread(target=self._from_card, args=(card,), daemon=True).start()

    def pull_out(self):
        """Drops the card, if there is one."""
        with self._lock:
            if self._card is not None:
                self._drop(self._card)

    def close(self):
        """The machine has ended."""
        self.pull_out()
        self._listener.close()
        with self._lock:
            for _, fd in self._maps.values():
                os.close(fd)
            for _, fds in self._wires.values():
                close_all(fds)
            self._maps.clear()
            self._wires.clear()

    def _note(self, text):
        self._log.write(f"{time.strftime('%H:%M:%S')} {text}\n".encode())
        self._log.flush()

    def _introduce(self, card):
        """Tells a card what the machine told the one before it. Lock held."""
        messages = [(VERSION, self._version, [])]
        messages += [(DMA_MAP, payload, [fd]) for payload, fd in self._maps.values()]
        messages += [(SET_IRQS, payload, fds) for payload, fds in self._wires.values()]
        for command, payload, fds in messages:
            send(card, (0, command, HEADER.size + len(payload), 0, 0), payload, fds)
            header, _, more = receive(card)
            close_all(more)
            if header[3] & ERROR:
                raise RuntimeError(f"the card refuses command {command}: {os.strerror(header[4])}")

    def _serve(self):
        """Takes the machine's requests, one machine after the other."""
        while True:
            try:
                machine, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._machine = machine
            try:
                while True:
                    self._request(*receive(machine))
            except Gone:
                pass
            with self._lock:
                self._machine = None
                machine.close()

    def _request(self, header, payload, fds):
        """One request of the machine."""
        number, command, _, flags, _ = header
        with self._lock:
            kept = self._remember(command, payload, fds)
            waits = not flags & NO_REPLY and command != WRITE_MULTI
            if self._card is not None:
                if waits:
                    self._pending[number] = (command, payload, time.monotonic())
                try:
                    send(self._card, header, payload, fds)
                except Gone:
                    self._drop(self._card)
            elif waits:
                self._answer_empty(number, command, payload)
            if not kept:
                close_all(fds)

    def _remember(self, command, payload, fds):
        """Keeps what a later card has to be told; whether it keeps the descriptors. Lock held."""
        if command == VERSION:
            self._version = payload
        elif command == DMA_MAP and len(payload) >= MAP.size and len(fds) == 1:
            old = self._maps.pop(MAP.unpack_from(payload)[3], None)
            if old:
                os.close(old[1])
            self._maps[MAP.unpack_from(payload)[3]] = (payload, fds[0])
            return True
        elif command == DMA_UNMAP and len(payload) >= UNMAP.size:
            _, _, start, size = UNMAP.unpack_from(payload)
            for address in [a for a in self._maps if start <= a < start + size]:
                os.close(self._maps.pop(address)[1])
        elif command == SET_IRQS and len(payload) >= IRQS.size:
            _, flags, index, start, count = IRQS.unpack_from(payload)
            wire = (index, flags, start)
            gone = [w for w in self._wires if w == wire or (count == 0 and w[0] == index)]
            for old in gone:
                close_all(self._wires.pop(old)[1])
            if count:
                self._wires[wire] = (payload, fds)
                return True
        return False

    def _from_card(self, card):
        """Takes a card's replies until it is gone."""
        try:
            while True:
                if select.select([card], [], [], 0.5)[0]:
                    header, payload, fds = receive(card)
                    with self._lock:
                        if self._card is not card:
                            return
                        self._reply(header, payload)
                    close_all(fds)
                with self._lock:
                    self._expire()
        except (Gone, ValueError, OSError):
            with self._lock:
                if self._card is card:
                    self._drop(card)

    def _reply(self, header, payload):
        """One reply of the card. Lock held."""
        request = self._pending.pop(header[0], None)
        if request is None:
            return
        command, asked, _ = request
        if command in (GET_INFO, GET_REGION_INFO, GET_IRQ_INFO) and not header[3] & ERROR:
            self._known[command, asked] = payload
        if header[3] & ERROR:
            self._note(f"the card refuses command {command}: {os.strerror(header[4])}")
        self._to_machine(header, payload)

    def _expire(self):
        """Answers for a card that does not. Lock held."""
        now = time.monotonic()
        for number in [n for n, (_, _, since) in self._pending.items() if now - since > PATIENCE]:
            command, payload, _ = self._pending.pop(number)
            self._note(f"no answer to command {command} in {PATIENCE} s")
            self._answer_empty(number, command, payload)

    def _drop(self, card):
        """The card is gone: its open requests are answered for it. Lock held."""
        self._note("empty")
        self._card = None
        card.close()
        pending, self._pending = self._pending, {}
        for number, (command, payload, _) in pending.items():
            self._answer_empty(number, command, payload)

    def _answer_empty(self, number, command, payload):
        """What an empty slot says. Lock held."""
        answer, error = b"", 0
        if command == REGION_READ and len(payload) >= ACCESS.size:
            answer = payload[:ACCESS.size] + b"\xff" * min(ACCESS.unpack_from(payload)[2], 65536)
        elif command == REGION_WRITE:
            answer = payload[:ACCESS.size]
        elif command == DMA_UNMAP:
            answer = payload
        elif (command, payload) in self._known:
            answer = self._known[command, payload]
        elif command not in (DMA_MAP, SET_IRQS, RESET):
            error = 19  # ENODEV
        self._to_machine((number, command, HEADER.size + len(answer), REPLY | (ERROR if error else 0), error), answer)

    def _to_machine(self, header, payload):
        if self._machine is not None:
            try:
                send(self._machine, header, payload)
            except Gone:
                pass
