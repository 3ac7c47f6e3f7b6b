"""Pictures and the one document that is not HTML, drawn by the press itself: nothing is loaded from elsewhere."""

from __future__ import annotations

import hashlib


def svg_of(name: str) -> bytes:
    """A small landscape, another one for each name and always the same for the same name."""
    seed = hashlib.blake2b(name.encode(), digest_size=16).digest()
    hue, sun_x, sun_y = seed[0] * 360 // 256, 120 + seed[1] * 2, 70 + seed[2] // 4
    ridges = []
    for layer in range(3):
        base = 190 + layer * 45
        points = " ".join(f"{x * 96},{base - seed[3 + layer * 4 + x % 4] // (3 + layer)}" for x in range(9))
        tint = f"hsl({(hue + 20 * layer) % 360} {28 + layer * 8}% {62 - layer * 16}%)"
        ridges.append(f'<polygon points="0,360 {points} 768,360" fill="{tint}"/>')
    sky = f'<rect width="768" height="360" fill="hsl({(hue + 180) % 360} 45% 86%)"/>'
    sun = f'<circle cx="{sun_x}" cy="{sun_y}" r="34" fill="hsl(45 90% 72%)"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 768 360" width="768" height="360">'
        f"{sky}{sun}{''.join(ridges)}</svg>"
    ).encode()


def pdf_of(line: str) -> bytes:
    """A valid PDF of one page that shows one line of ASCII."""
    words = line.encode("ascii", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    stream = b"BT /F1 20 Tf 72 720 Td (" + words + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size, at = len(objects) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, at)
    return bytes(out)
