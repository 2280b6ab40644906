"""Mutations: of bytes, of fields of a NIfTI header, of texts (YAML, JSON, tables)."""

from __future__ import annotations

import gzip
import random
import re
import struct
from collections.abc import Callable

Mutation = Callable[[random.Random, bytes], bytes]

BYTES = (0, 1, 0x7F, 0x80, 0xFF)
NUMBERS = (
    b"nan", b".nan", b"NaN", b"Infinity", b"-Infinity", b"-.inf", b"1e999", b"-1", b"0", b"1.5",
    b"4294967296", b"9" * 40, b"9" * 5000, b"0x" + b"f" * 400, b"1" + b"_000" * 50, b"0o17", b"-0",
)  # fmt: skip
WORDS = (
    b"", b"null", b"~", b"true", b"no", b"[]", b"{}", b"[[[]]]", b"{a: {b: 1}}", b"*a", b"&a b",
    b"!!python/object:os.system", b"<<", b"? a", b"- -", b"---", b"...", b"%YAML 9.9", b"\t", b"'",
    b'"', b"\\u0000", b"\\ud83d", b"\xc3\x28", b"\x00", b"\xef\xbb\xbf", b"\xf0\x9f\xab\x80",
    "ｆｕｌｌ".encode(), b"a" * 300, b"a" * 20_000, b"[" * 200, b"{" * 3000, b"../../etc", b"/x",
    b"{case}", b"{{", b"}", b"$(x)", b"`x`", b"#", b"|", b">", b": ", b", ", b"\r", b"\r\n",
)  # fmt: skip
_TOKEN = re.compile(rb"[\w.+-]+|[^\w\s]")

# Offset and struct code of the fields of a NIfTI-1 header that reading depends on.
FIELDS = {
    "sizeof_hdr": (0, "i"), "dim0": (40, "h"), "dim1": (42, "h"), "dim2": (44, "h"),
    "dim3": (46, "h"), "dim4": (48, "h"), "datatype": (70, "h"), "bitpix": (72, "h"),
    "pixdim0": (76, "f"), "pixdim1": (80, "f"), "pixdim3": (88, "f"), "vox_offset": (108, "f"),
    "scl_slope": (112, "f"), "scl_inter": (116, "f"), "xyzt_units": (123, "B"),
    "qform_code": (252, "h"), "sform_code": (254, "h"), "quatern_b": (256, "f"),
    "quatern_c": (260, "f"), "qoffset_x": (268, "f"), "srow_x0": (280, "f"), "srow_y1": (300, "f"),
    "srow_z2": (320, "f"), "srow_z3": (324, "f"), "magic": (344, "i"), "extender": (348, "B"),
    "esize": (352, "i"), "ecode": (356, "i"),
}  # fmt: skip
WHOLE = (
    -(2**31),
    -32768,
    -1,
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    16,
    64,
    255,
    256,
    512,
    768,
    1024,
    32767,
    2**31 - 1,
)
REAL = (float("nan"), float("inf"), -float("inf"), -1.0, 0.0, 1e-45, 0.5, 1.0, 352.0, 1e9, 3e38)


def mutate_bytes(rng: random.Random, data: bytes) -> bytes:
    """Change, cut, insert, repeat or swap some bytes."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        if not out:
            return bytes(out)
        at = rng.randrange(len(out))
        way = rng.randrange(6)
        if way == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif way == 1:
            out[at] = rng.choice(BYTES)
        elif way == 2:
            del out[at:]
        elif way == 3:
            out[at:at] = rng.randbytes(rng.choice((1, 3, 64)))
        elif way == 4:
            end = min(len(out), at + rng.choice((1, 8, 200)))
            out[at:at] = out[at:end]
        else:
            del out[at : at + rng.choice((1, 4, 100))]
    return bytes(out)


def mutate_header(rng: random.Random, data: bytes) -> bytes:
    """Set fields of a NIfTI-1 header to values that a program may not have thought of."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        offset, code = FIELDS[rng.choice(sorted(FIELDS))]
        if code == "f":
            value: float = rng.choice(REAL)
        else:
            value = rng.choice(WHOLE)
            bits = 8 * struct.calcsize(code)
            value &= (1 << bits) - 1
            if code != "B" and value >= 1 << (bits - 1):
                value -= 1 << bits
        if offset + 4 <= len(out):
            struct.pack_into(f"<{code}", out, offset, value)
    return bytes(out) if rng.random() < 0.8 else mutate_bytes(rng, bytes(out))


def packed(mutate: Mutation) -> Mutation:
    """Give a mutation of what is compressed afterwards, so that no checksum tells of it."""
    return lambda rng, data: gzip.compress(mutate(rng, data), 1, mtime=0)


def mutate_text(rng: random.Random, data: bytes) -> bytes:
    """Change a text by its tokens and lines."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice((_token, _token, _line, _nest, mutate_bytes))(rng, data)
    return data


def _token(rng: random.Random, data: bytes) -> bytes:
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return rng.choice(WORDS)
    one, other = rng.choice(tokens), rng.choice(tokens)
    new = rng.choice(
        (rng.choice(WORDS), rng.choice(NUMBERS), other[0], one[0] + one[0], b"x" + one[0])
    )
    return data[: one.start()] + new + data[one.end() :]


def _line(rng: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    way = rng.randrange(4)
    if way == 0:
        lines.insert(to, lines[at])
    elif way == 1:
        del lines[at]
    elif way == 2:
        lines[at] = b" " * rng.choice((1, 2, 7)) + lines[at].lstrip()
    else:
        lines[at], lines[to] = lines[to], lines[at]
    return b"\n".join(lines)


def _nest(rng: random.Random, data: bytes) -> bytes:
    """Put something deep, or something wide, in the place of a value."""
    values = list(re.finditer(rb"(?<=: )[^\n]+", data))
    depth = rng.choice((3, 70, 2000))
    deep = rng.choice(
        (b"[" * depth + b"]" * depth, b'{"a": ' * depth + b"1" + b"}" * depth, b"- " * depth)
    )
    wide = b"[" + b", ".join(b"w%d" % i for i in range(rng.choice((10, 3000)))) + b"]"
    new = rng.choice((deep, wide))
    if not values:
        return data + new
    one = rng.choice(values)
    return data[: one.start()] + new + data[one.end() :]
