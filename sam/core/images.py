"""What a picture says about itself in its first bytes. Nothing is decoded, so nothing can unpack."""

from dataclasses import dataclass

PNG = b"\x89PNG\r\n\x1a\n"
# Frame headers that carry the size; the others in 0xC0 to 0xCF are tables.
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True)
class Picture:
    """`kind` is "png", "jpeg" or "webp"; sides in pixels."""

    kind: str
    width: int
    height: int


def picture_of(content: bytes) -> Picture | None:
    """The picture in `content`, None when it is no whole header of a PNG, JPEG or WebP file."""
    if content.startswith(PNG):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    return None


def _png(content: bytes) -> Picture | None:
    if content[12:16] != b"IHDR" or len(content) < 33:
        return None
    return Picture("png", int.from_bytes(content[16:20]), int.from_bytes(content[20:24]))


def _jpeg(content: bytes) -> Picture | None:
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker in JPEG_FRAMES:
            height, width = content[position + 5 : position + 7], content[position + 7 : position + 9]
            return Picture("jpeg", int.from_bytes(width), int.from_bytes(height))
        if marker == 0xFF:
            position += 1
        elif marker in JPEG_BARE:
            position += 2
        else:
            position += 2 + int.from_bytes(content[position + 2 : position + 4])
    return None


def _webp(content: bytes) -> Picture | None:
    if len(content) < 30:
        return None
    kind, data = content[12:16], content[20:30]
    if kind == b"VP8X":
        return Picture("webp", 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little"))
    if kind == b"VP8L" and data[0] == 0x2F:
        bits = int.from_bytes(data[1:5], "little")
        return Picture("webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        sides = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
        return Picture("webp", sides[0] & 0x3FFF, sides[1] & 0x3FFF)
    return None
