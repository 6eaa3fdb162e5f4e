# SPDX-License-Identifier: MIT
"""Debian packages of any suite, fetched and unpacked without root and without touching the host.

A private apt (own lists, own empty package database, the host's mirrors and proxies) resolves and
downloads; packages are unpacked, their maintainer scripts are not run. What that leaves undone
(the linker's cache, alternatives) is little and done by who needs it.
"""

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# Directories of packages that nothing here reads.
UNUSED = ["./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/info",
          "./usr/share/lintian", "./usr/share/bug", "./usr/share/icons", "./usr/share/gtk-doc"]


class Unavailable(Exception):
    """Something this machine lacks, in a sentence for its user."""


def host_suite():
    """The host's Debian code name, or None on another system."""
    try:
        with open("/etc/os-release", encoding="utf-8") as f:
            fields = dict(line.rstrip().split("=", 1) for line in f if "=" in line)
    except OSError:
        return None
    if fields.get("ID", "").strip('"') != "debian":
        return None
    return fields.get("VERSION_CODENAME", "").strip('"') or None


def mirrors():
    """(archive, security archive): from SL_VM_MIRROR and SL_VM_SECURITY_MIRROR, else the host's own."""
    archive = os.environ.get("SL_VM_MIRROR")
    security = os.environ.get("SL_VM_SECURITY_MIRROR")
    suite = host_suite()
    if suite and not (archive and security):
        try:
            listing = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)"],
                                     capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            listing = ""
        for line in listing.splitlines():
            site, _, release = line.partition(" ")
            if release == suite:
                archive = archive or site
            elif release == suite + "-security":
                security = security or site
    if not archive:
        raise Unavailable("no Debian mirror in the host's apt configuration; name one in SL_VM_MIRROR")
    return archive, security


class Apt:
    """Packages of one suite. `folder` is scratch space of the caller's, `backports` names packages
    (apt patterns) to take from the suite's backports, `assumed` packages whose absence is wanted."""

    def __init__(self, folder, suite, backports=(), assumed=()):
        self.folder = os.path.abspath(folder)
        self.suite = suite
        self.debs = os.path.join(self.folder, "cache/archives")
        for sub in ("lists/partial", "cache/archives/partial", "etc/apt.conf.d"):
            os.makedirs(os.path.join(self.folder, sub), exist_ok=True)
        archive, security = mirrors()
        sources = [f"{archive} {suite}", f"{archive} {suite}-updates", f"{archive} {suite}-backports"]
        if security:
            sources.append(f"{security} {suite}-security")
        option = f"[signed-by={KEYRING}] " if os.path.exists(KEYRING) else ""
        self._write("etc/sources.list", "".join(f"deb {option}{s} main\n" for s in sources))
        self._write("etc/preferences", "".join(
            f"Package: {p}\nPin: release n={suite}-backports\nPin-Priority: 990\n\n" for p in backports))
        self._write("status", "".join(
            f"Package: {p}\nStatus: install ok installed\nVersion: 99:0\nArchitecture: amd64\n"
            f"Maintainer: none\nDescription: left out\n\n" for p in assumed))
        self._write("apt.conf", self._host_settings() + f'''
Dir "{self.folder}";
Dir::State "{self.folder}";
Dir::State::lists "lists";
Dir::State::status "{self.folder}/status";
Dir::Cache "{self.folder}/cache";
Dir::Etc "{self.folder}/etc";
Dir::Etc::netrc "/etc/apt/auth.conf";
Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
APT::Architecture "amd64";
APT::Architectures "amd64";
APT::Install-Recommends "0";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Debug::NoLocking "1";
''')
        self._apt_get("update")

    def _write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
            f.write(text)

    @staticmethod
    def _host_settings():
        """How the host reaches its mirrors: proxies, retries."""
        dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False).stdout
        keep = re.compile(r"^Acquire::(https?::|Retries|ForceIPv)", re.I)
        return "\n".join(line for line in dump.splitlines() if keep.match(line))

    def _run(self, *command, cwd=None):
        env = dict(os.environ, APT_CONFIG=os.path.join(self.folder, "apt.conf"), LC_ALL="C",
                   DEBIAN_FRONTEND="noninteractive")
        try:
            done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False,
                                  timeout=900)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"{command[0]}: {error}") from error
        if done.returncode != 0:
            lines = [x for x in (done.stdout + done.stderr).splitlines() if x.startswith(("E:", "Err:", " "))]
            raise Unavailable(f"{' '.join(command[:3])} ({self.suite}) failed: " + " ".join(lines[-6:]))
        return done.stdout

    def _apt_get(self, *arguments, cwd=None):
        return self._run("apt-get", "-q", "-y", *arguments, cwd=cwd)

    def fetch(self, packages):
        """Downloads packages and what they depend on; returns the .deb files."""
        self._apt_get("install", "--download-only", *packages)
        return sorted(os.path.join(self.debs, f) for f in os.listdir(self.debs) if f.endswith(".deb"))

    def fetch_alone(self, packages, folder):
        """Downloads just these packages into folder; returns the .deb files."""
        os.makedirs(folder, exist_ok=True)
        self._apt_get("download", *packages, cwd=folder)
        return sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".deb"))

    def depends(self, package):
        """Names that the candidate version of package depends on (first alternatives)."""
        listing = self._run("apt-cache", "depends", "--no-recommends", "--no-suggests", "--no-conflicts",
                            "--no-breaks", "--no-replaces", "--no-enhances", package)
        return re.findall(r"^  (?:Pre)?Depends: ([^<\s]+)", listing, re.M)

    def drop(self):
        """Gives the scratch space back."""
        shutil.rmtree(self.folder, ignore_errors=True)


def unpack(debs, root, only=None):
    """Unpacks packages into root, which gets a merged /usr; `only` limits to tar patterns."""
    for top in ("bin", "sbin", "lib", "lib64"):
        os.makedirs(os.path.join(root, "usr", top), exist_ok=True)
        if not os.path.lexists(os.path.join(root, top)):
            os.symlink("usr/" + top, os.path.join(root, top))
    select = ["--wildcards", *only] if only else [f"--exclude={path}/*" for path in UNUSED]

    def one(deb):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as source:
            # As root, tar would keep owners that mean nothing here; and a pattern that one package
            # of several lacks is not an error.
            tar = subprocess.run(["tar", "-x", "-C", root, "--keep-directory-symlink", "--no-same-owner",
                                  "--delay-directory-restore", *select],
                                 stdin=source.stdout, capture_output=True, text=True, check=False)
        real = [x for x in tar.stderr.splitlines() if "Not found in archive" not in x and "Exiting" not in x]
        if source.returncode not in (0, -13) or (tar.returncode != 0 and real):
            raise Unavailable(f"cannot unpack {os.path.basename(deb)}: {' '.join(real[:3])}")

    # Two at a time: unpacking is decompression.
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(one, debs))
