# SPDX-License-Identifier: MIT
"""The cache of what a virtual machine needs: folders built once, shared by all build trees.

A folder is named by a hash of its recipe, so that a changed recipe builds anew; it is built beside
its final place and renamed, so that what is there is whole. Nothing in it depends on a build tree.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time


def root():
    """$SL_VM_CACHE, or the user's cache folder."""
    base = os.environ.get("SL_VM_CACHE")
    if not base:
        base = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "sl200")
    os.makedirs(base, exist_ok=True)
    return os.path.abspath(base)


def say(text):
    """Progress, on stderr: stdout belongs to results."""
    print(f"vm: {text}", file=sys.stderr, flush=True)


def key(recipe):
    """A short hash of anything JSON can express."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:12]


@contextlib.contextmanager
def locked(name):
    """One process at a time builds `name`; the lock goes with the process that holds it."""
    with open(os.path.join(root(), f".{name}.lock"), "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another process that prepares {name}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def folder(name, recipe, build):
    """The folder `name` of this recipe; build(path, scratch) fills it when it is not there yet.
    Folders of the same name with another recipe are removed when unused for two weeks."""
    path = os.path.join(root(), f"{name}-{key(recipe)}")
    with locked(name):
        if not os.path.isdir(path):
            say(f"preparing {name}")
            # What builds that were killed have left.
            for entry in os.listdir(root()):
                if entry.startswith(f".{name}-"):
                    shutil.rmtree(os.path.join(root(), entry), ignore_errors=True)
            began = time.monotonic()
            work = tempfile.mkdtemp(prefix=f".{name}-", dir=root())
            try:
                result = os.path.join(work, "result")
                scratch = os.path.join(work, "scratch")
                os.mkdir(result)
                os.mkdir(scratch)
                build(result, scratch)
                os.rename(result, path)
            finally:
                shutil.rmtree(work, ignore_errors=True)
            say(f"{name}: {size(path) >> 20} MiB, {time.monotonic() - began:.1f} s")
        os.utime(path)
        _expire(name, path)
    return path


def size(path):
    """Bytes of disk below path."""
    total = 0
    for base, _, files in os.walk(path):
        for name in files:
            total += os.lstat(os.path.join(base, name)).st_blocks * 512
    return total


def _expire(name, current):
    limit = time.time() - 14 * 86400
    for entry in os.listdir(root()):
        path = os.path.join(root(), entry)
        if entry.startswith(name + "-") and len(entry) == len(name) + 13 and path != current \
                and os.path.isdir(path) and os.stat(path).st_mtime < limit:
            shutil.rmtree(path, ignore_errors=True)
