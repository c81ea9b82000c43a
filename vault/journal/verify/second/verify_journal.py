#!/usr/bin/env python3
"""Checks exports of the print room's access journal.

A second implementation of printroom-verify, after docs/journal.md, which
shares no code with the first, for whoever does not want to trust that one. Needs Python 3.9 and the
package "cryptography". Exit codes: 0 good, 1 refused, 2 wrong usage or
unreadable, 3 good, but the last entries are not countersigned.
"""
import argparse
import base64
import contextlib
import datetime
import hashlib
import json
import re
import sys

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MOST = 2**53 - 1
MAX_LINE = 16384  # longer than any line of an export
PAGE, MAX_PAGES = 8192, 65536

CODE = r"[a-z][a-z0-9]*(?:_[a-z][a-z0-9]*)*"
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*"
HASH = r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
NOTE = r'((?:[^"\\]|\\n)*)'
FORMS = {  # of each text field: the most bytes it has, and its form
    "action": (40, CODE),
    "actor": (64, None),  # an id
    "attempt": (13, "[0-9A-HJKMNP-TV-Z]{12}[0-9A-Z]"),
    "boot": (36, "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "log": (128, NAME),
    "object": (64, None),
    "outcome": (40, CODE),
    "pages": (9, "[1-9][0-9]{0,3}(?:-[1-9][0-9]{0,3})?"),
    "previous": (44, HASH),
    "reason": (40, CODE),
    "time": (24, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
}
LEAST = {"counter": 1, "intent": 1, "monotonic": 0, "sequence": 1,
         "version": 1}
REQUIRED = {"action", "boot", "log", "monotonic", "previous", "sequence",
            "time", "version"}


class Refused(Exception):
    """What is wrong with an export."""


def want(condition, what):
    if not condition:
        raise Refused(what)


def sha256(data):
    return hashlib.sha256(data).digest()


def unbase64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("not base64") from None
    want(base64.b64encode(raw).decode() == text, "base64 in another form")
    return raw


# Entries


def is_id(text):
    """An id has no words that could be a name's or a title's."""
    parts = re.split("[-_]", text)
    for i, part in enumerate(parts):
        if not re.fullmatch("[A-Za-z0-9]+", part):
            return False
        opaque = (re.search("[0-9]", part) or len(part) >= 16
                  or re.fullmatch("[0-9a-fA-F]+", part))
        if not opaque and (i > 0 or len(part) > 12):
            return False
    return any(re.search("[0-9]", p) or len(p) >= 16 for p in parts)


def is_time(text):
    try:
        time = datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return False
    return time.year >= 1970


def in_order(pages):
    first, _, last = pages.partition("-")
    return not last or int(first) < int(last)


def check_field(key, value):
    if key in LEAST:
        want(type(value) is int and LEAST[key] <= value <= MOST, key)
        return
    most, form = FORMS[key]
    want(isinstance(value, str) and 0 < len(value) <= most, key)
    want(re.fullmatch(form, value) if form else is_id(value), key)


def parse_entry(line):
    """The fields of an entry, whose one way of writing is these bytes."""
    want(len(line) <= 1024, "an entry of %d bytes" % len(line))
    try:
        fields = json.loads(line.decode("ascii"))
    except (ValueError, RecursionError):
        raise Refused("no entry") from None
    want(isinstance(fields, dict), "no entry")
    want(REQUIRED <= fields.keys() <= FORMS.keys() | LEAST.keys(),
         "missing or unknown fields")
    for key, value in fields.items():
        check_field(key, value)
    want(fields["version"] == 1, "version")
    want(is_time(fields["time"]), "time")
    want(in_order(fields.get("pages", "1")), "pages")
    if "intent" in fields:
        want("outcome" in fields and fields["intent"] < fields["sequence"],
             "intent")
    written = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    want(written.encode() == line, "not in its one form")
    return fields


# Chain and tree


class Tree:
    """A growing Merkle tree (RFC 6962), by the roots of its full subtrees."""

    def __init__(self, size=0, frontier=()):
        want(len(frontier) == bin(size).count("1"), "the frontier's length")
        self.size, self.full = size, list(frontier)

    def add(self, leaf):
        level = self.size
        while level & 1:
            leaf = sha256(b"\x01" + self.full.pop() + leaf)
            level >>= 1
        self.full.append(leaf)
        self.size += 1

    def root(self):
        if not self.full:
            return sha256(b"")
        root = self.full[-1]
        for left in reversed(self.full[:-1]):
            root = sha256(b"\x01" + left + root)
        return root


class Endings:
    """Which intents have no result, and how many results no intent."""

    def __init__(self, after):
        self.after, self.pages = after, {}  # of open intents, a bit each
        self.followed, self.strays = MOST, 0

    def add(self, entry):
        sequence, intent = entry["sequence"], entry.get("intent")
        if "outcome" not in entry and sequence <= self.followed:
            page, bit = sequence // PAGE, 1 << sequence % PAGE
            if page not in self.pages and len(self.pages) >= MAX_PAGES:
                self.followed = sequence - 1
                return
            self.pages[page] = self.pages.get(page, 0) | bit
        elif intent and self.after < intent <= self.followed:
            page, bit = intent // PAGE, 1 << intent % PAGE
            left = self.pages.get(page, 0)
            if not left & bit:
                self.strays += 1
            elif left == bit:
                del self.pages[page]
            else:
                self.pages[page] = left ^ bit

    def unanswered(self):
        return sum(bin(bits).count("1") for bits in self.pages.values())


# Keys and checkpoints


class Station:
    def __init__(self, key):
        self.key, self.id = key, sha256(key)[:4]
        try:
            self.public = serialization.load_der_public_key(key)
        except (ValueError, UnsupportedAlgorithm):
            raise Refused("the station's key") from None
        want(isinstance(self.public, ec.EllipticCurvePublicKey)
             and isinstance(self.public.curve, ec.SECP256R1)
             and self.public.public_bytes(
                 serialization.Encoding.DER,
                 serialization.PublicFormat.SubjectPublicKeyInfo) == key,
             "the station's key")

    def check(self, text, signature):
        try:
            self.public.verify(signature, text, ec.ECDSA(hashes.SHA256()))
            _, s = utils.decode_dss_signature(signature)
        except (InvalidSignature, ValueError):
            raise Refused("the station's signature") from None
        want(s <= P256_ORDER // 2, "the other form of a signature")


def check_witness(key, text, signature):
    seconds = int.from_bytes(signature[:8], "big")
    message = b"cosignature/v1\ntime %d\n" % seconds + text
    try:
        public = ed25519.Ed25519PublicKey.from_public_bytes(key)
        public.verify(signature[8:], message)
    except (InvalidSignature, ValueError):
        raise Refused("the witness's signature") from None


def parse_key(line, kind):
    """The name, id and bytes of a verifier key of the type."""
    match = re.fullmatch(r"(%s)\+([0-9a-f]{8})\+(.+)" % NAME, line)
    want(match and len(match[1]) <= 128, "not a verifier key")
    raw = unbase64(match[3])
    want(raw[:1] == bytes([kind]), "a key of another type")
    named = raw[1:]
    if kind == 4:
        want(len(named) == 32, "the witness's key")
        named = match[1].encode() + b"\n\x04" + named
    want(sha256(named)[:4].hex() == match[2], "a key's id")
    return match[1], bytes.fromhex(match[2]), raw[1:]


def read_keys(paths):
    """{origin: (station, {(name, id): witness's key})}"""
    keys = {}
    for path in paths:
        with open(path, "rb") as file:
            data = file.read(4097)
        lines = data.decode("ascii").split("\n")
        want(len(data) <= 4096 and lines.pop() == "" and 2 <= len(lines) <= 9,
             "%s: not a key file" % path)
        origin, _, key = parse_key(lines[0], 2)
        station, witnesses = keys.setdefault(origin, (Station(key), {}))
        want(station.key == key, "two keys for the log %s" % origin)
        for line in lines[1:]:
            name, key_id, key = parse_key(line, 4)
            witnesses[name, key_id] = key
    return keys


def open_note(note, all_keys):
    """The origin, size and root that a countersigned checkpoint states."""
    want(len(note.encode()) <= 4096, "a checkpoint that is too long")
    text, _, signatures = note.partition("\n\n")
    match = re.fullmatch("(%s)\n(0|[1-9][0-9]{0,15})\n(%s)" % (NAME, HASH),
                         text)
    want(match and len(match[1]) <= 128 and int(match[2]) <= MOST,
         "not a checkpoint")
    origin, text = match[1], (text + "\n").encode()
    want(origin in all_keys, "no keys for the log %s" % origin)
    station, witnesses = all_keys[origin]
    lines = signatures.split("\n")
    want(lines.pop() == "" and 2 <= len(lines) <= 9, "signature lines")
    names, seen, good = {name for name, _ in witnesses}, set(), 0
    for i, line in enumerate(lines):
        form = re.fullmatch("\u2014 (%s) ([A-Za-z0-9+/=]+)" % NAME, line)
        want(form, "a signature line")
        raw = unbase64(form[2])
        signer, signature = (form[1], raw[:4]), raw[4:]
        if i == 0:
            want(signer == (origin, station.id), "not the station's")
            station.check(text, signature)
            continue
        want(form[1] in names and len(signature) == 72 and signature[0] < 128,
             "a signature that is no witness's")
        want(signer not in seen, "a key that signs twice")
        seen.add(signer)
        if signer in witnesses:
            check_witness(witnesses[signer], text, signature)
            good += 1
    want(good, "not countersigned by a known key")
    return origin, int(match[2]), unbase64(match[3])


# Exports


class Log:
    def __init__(self, origin, tree, last, anchor):
        self.origin, self.tree, self.last = origin, tree, last
        self.covered, self.endings = tree.size, Endings(tree.size)
        self.anchor = anchor  # None, or the given checkpoint's size and root
        want(not anchor or anchor[0] >= tree.size,
             "it begins after the given checkpoint")
        self.reach()

    def reach(self):
        """Whether this is where the given checkpoint is, which then holds."""
        if not self.anchor or self.tree.size != self.anchor[0]:
            return False
        want(self.tree.root() == self.anchor[1],
             "the entries are not those of the given checkpoint")
        return True

    def add(self, line, entry):
        want(entry["log"] == self.origin, "another log")
        want(entry["sequence"] == self.tree.size + 1, "sequence")
        previous = unbase64(entry["previous"])
        want(self.last in (None, previous),
             "the chain is broken here or in the entry before")
        self.last = sha256(b"\x00" + line)
        self.tree.add(self.last)
        self.endings.add(entry)

    def leave(self):
        want(not self.anchor or self.tree.size >= self.anchor[0],
             "the log ends before the given checkpoint")


class Exports:
    """Several exports, read in order."""

    def __init__(self, keys, anchors):
        self.keys, self.anchors = keys, anchors
        self.log, self.logs = None, {}
        self.uncovered = 0  # entries of the logs before

    def cover(self, size):
        self.log.covered = max(self.log.covered, size)
        if size > 0:
            self.uncovered = 0

    def enter(self, origin, tree, last):
        self.log = Log(origin, tree, last, self.anchors.get(origin))
        self.logs[origin] = self.log

    def begin(self, entry):
        """Enters the log whose first entry this is."""
        origin = entry["log"]
        want(origin in self.keys, "no keys for the log %s" % origin)
        before = self.log
        if before:
            want(origin not in self.logs, "a log that was read already")
            before.leave()
            want(before.last is not None and before.tree.size > 0
                 and unbase64(entry["previous"]) == before.last,
                 "it does not continue the export before it")
            self.uncovered += before.tree.size - before.covered
        self.enter(origin, Tree(), None)

    def start(self, line):
        match = re.fullmatch(
            r'\{"frontier":\["(%s(?:","%s)*)"\],"start":"%s"\}'
            % (HASH, HASH, NOTE), line)
        want(match, "not a start line")
        frontier = [unbase64(h) for h in match[1].split('","')]
        origin, size, root = open_note(
            match[2].replace("\\n", "\n"), self.keys)
        tree = Tree(size, frontier)
        want(size > 0 and tree.root() == root, "the frontier")
        if self.log is None:
            self.enter(origin, tree, frontier[-1] if size % 2 else None)
            return
        log = self.log
        want((log.origin, log.tree.size, log.tree.root())
             == (origin, size, root), "it begins elsewhere than the export"
             " before it ends")
        self.cover(size)

    def seal(self, line, begun):
        match = re.fullmatch(r'\{"checkpoint":"%s"\}' % NOTE, line)
        want(match, "not a checkpoint line")
        origin, size, root = open_note(
            match[1].replace("\\n", "\n"), self.keys)
        if not begun:  # an export of an empty log
            want(self.log is None, "it does not continue the export before it")
            self.enter(origin, Tree(), None)
        want((origin, size, root) == (self.log.origin, self.log.tree.size,
                                      self.log.tree.root()),
             "the checkpoint states another head")
        self.cover(size)

    def read(self, stream):
        """Reads one export. A refusal names the line."""
        number, started, sealed = 0, False, False
        try:
            while line := stream.readline(MAX_LINE):
                number += 1
                want(line.endswith(b"\n"), "a line without its end")
                line = line[:-1]
                if line.startswith(b'{"frontier":'):
                    want(number == 1, "a start line that is not the first")
                    self.start(line.decode())
                    started = True
                elif line.startswith(b'{"checkpoint":'):
                    want(not sealed, "a second checkpoint")
                    self.seal(line.decode(), number > 1)
                    sealed = True
                else:
                    entry = parse_entry(line)
                    if number == 1:
                        self.begin(entry)
                    self.log.add(line, entry)
                if self.log.reach():
                    self.cover(self.log.tree.size)
            want(number > 0, "it is empty")
            want(sealed or not started, "it has no checkpoint")
        except (Refused, UnicodeDecodeError) as fault:
            raise Refused("line %d: %s" % (number, fault)) from None

    def end(self):
        """How many entries no countersigned head covers."""
        self.log.leave()
        for origin in self.anchors:
            want(origin in self.logs, "no export of the log %s" % origin)
        return self.uncovered + self.log.tree.size - self.log.covered


def read_anchors(paths, keys):
    anchors = {}
    for path in paths:
        with open(path, "rb") as file:
            note = file.read(4097).decode()
        origin, size, root = open_note(note, keys)
        want(origin not in anchors, "two checkpoints of the log %s" % origin)
        anchors[origin] = size, root
    return anchors


def open_export(path):
    if path == "-":
        return contextlib.nullcontext(sys.stdin.buffer)
    return open(path, "rb")


def arguments():
    parser = argparse.ArgumentParser(
        description="Checks exports of the print room's access journal.")
    parser.add_argument("--keys", action="append", required=True)
    parser.add_argument("--checkpoint", action="append", default=[])
    parser.add_argument("--allow-unsealed", action="store_true")
    parser.add_argument("exports", nargs="+")
    return parser.parse_args()


def main():
    options = arguments()
    try:
        keys = read_keys(options.keys)
        exports = Exports(keys, read_anchors(options.checkpoint, keys))
    except (Refused, OSError, ValueError) as fault:
        print(fault, file=sys.stderr)
        return 2
    path = ""
    try:
        for path in options.exports:
            with open_export(path) as stream:
                exports.read(stream)
        unsealed = exports.end()
    except Refused as fault:
        print("REFUSED  %s: %s" % (path, fault))
        return 1
    except OSError as fault:
        print(fault, file=sys.stderr)
        return 2
    logs = exports.logs.values()
    print("%s: %d entries, %d not countersigned, %d intents without a result, "
          "%d results without an intent" % (
              "UNSEALED" if unsealed else "OK",
              sum(log.tree.size for log in logs), unsealed,
              sum(log.endings.unanswered() for log in logs),
              sum(log.endings.strays for log in logs)))
    return 3 if unsealed and not options.allow_unsealed else 0


if __name__ == "__main__":
    sys.exit(main())
