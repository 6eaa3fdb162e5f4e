# SPDX-License-Identifier: MIT
"""QEMU's monitor."""

import json
import socket
import threading
import time


class MonitorError(Exception):
    """The monitor refused, or is gone."""


class Monitor:
    """One QMP connection. Any thread may call; one command at a time."""

    def __init__(self, path, timeout=20.0):
        deadline = time.monotonic() + timeout
        while True:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self._socket.connect(path)
                break
            except OSError as error:
                self._socket.close()
                if time.monotonic() > deadline:
                    raise MonitorError(f"no monitor: {error}") from error
                time.sleep(0.02)
        self._socket.settimeout(60.0)
        self._input = self._socket.makefile("r", encoding="utf-8")
        self._command_lock = threading.Lock()
        self._events = []
        self._read()
        self.execute("qmp_capabilities")

    def _read(self):
        try:
            line = self._input.readline()
        except OSError as error:
            raise MonitorError(f"monitor: {error}") from error
        if not line:
            raise MonitorError("the machine is gone")
        return json.loads(line)

    def execute(self, command, **arguments):
        """Runs a command and returns its result; raises MonitorError when it is refused."""
        with self._command_lock:
            request = {"execute": command, "arguments": arguments}
            try:
                self._socket.sendall(json.dumps(request).encode() + b"\n")
            except OSError as error:
                raise MonitorError(f"monitor: {error}") from error
            while True:
                answer = self._read()
                if "event" in answer:
                    self._events = self._events[-200:] + [answer]
                elif "error" in answer:
                    raise MonitorError(answer["error"].get("desc", "refused"))
                elif "return" in answer:
                    return answer["return"]

    def human(self, line):
        """Runs a line of the human monitor and returns what it prints."""
        return self.execute("human-monitor-command", **{"command-line": line})

    def wait_event(self, name, matches, timeout):
        """Whether an event `name` for which matches(data) holds comes within `timeout` seconds.
        Events since the last wait count."""
        deadline = time.monotonic() + timeout
        while True:
            self.execute("query-status")
            for event in self._events:
                if event["event"] == name and matches(event.get("data", {})):
                    self._events.remove(event)
                    return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)

    def close(self):
        """Ends the connection, not the machine."""
        self._socket.close()
