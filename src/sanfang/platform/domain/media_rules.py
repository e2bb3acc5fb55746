"""What may be uploaded as an image, a voice, a video or a file (tokens-and-limits.md 7.3)."""

from __future__ import annotations

from pathlib import PurePosixPath

from .core import Core
from .refusals import Refusal

KINDS = ("image", "voice", "video", "file")
VOICE_MOST_MS = 60_000

_EXTENSIONS = {
    "image": ("jpg", "jpeg", "png", "gif", "bmp"),
    "voice": ("amr", "mp3", "wav"),
    "video": ("mp4",),
    "file": ("doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar"),
}
# Bytes of a frame of AMR by its mode, without the byte that names the mode (RFC 4867 section 3.6).
_AMR_FRAMES = (12, 13, 15, 17, 19, 20, 26, 31, 5)
_AMR_MAGIC = b"#!AMR\n"
_AMR_FRAME_MS = 20


def check_kind(kind: str) -> None:
    """Refuse 40004 for another type than image, voice, video and file."""
    if kind not in KINDS:
        raise Refusal(
            40004,
            f"type 应为 {'、'.join(KINDS)} 之一，收到的是 {kind[:20]!r}。",
            f"type is one of {', '.join(KINDS)}, it was {kind[:20]!r}.",
            facts={"allowed": list(KINDS)},
        )


def check_name(kind: str, filename: str) -> None:
    """Refuse 40005 for a name whose extension does not belong to the kind."""
    extension = PurePosixPath(filename).suffix.lower().lstrip(".")
    allowed = _EXTENSIONS[kind]
    if extension not in allowed:
        raise Refusal(
            40005,
            f"{kind} 的扩展名应为 {'、'.join(allowed)}，文件名是 {filename[-40:]!r}。",
            f"The extension of a {kind} is one of {', '.join(allowed)};"
            f" the file is named {filename[-40:]!r}.",
            faq="F31",
            facts={"allowed": list(allowed)},
        )


def check_size(core: Core, kind: str, size: int) -> None:
    """Refuse 40006 for more bytes than the kind allows."""
    settings = core.settings
    most = {
        "image": settings.media_image_bytes,
        "voice": settings.media_voice_bytes,
        "video": settings.media_video_bytes,
        "file": settings.media_file_bytes,
    }[kind]
    if size > most:
        raise Refusal(
            40006,
            f"{kind} 最大 {most} 字节，收到 {size} 字节。",
            f"A {kind} has at most {most} bytes, this one has {size}.",
            facts={"limit": most, "size": size},
        )


def check_voice(content: bytes) -> None:
    """Refuse 45007 for an AMR recording longer than a minute; other formats are not measured."""
    if content.startswith(_AMR_MAGIC) and amr_length(content) > VOICE_MOST_MS:
        raise Refusal(
            45007,
            "语音最长 60 秒。",
            "A voice is at most 60 seconds long.",
            facts={"limit": VOICE_MOST_MS},
        )


def amr_length(content: bytes) -> int:
    """Return the length of an AMR recording in milliseconds."""
    at, frames = len(_AMR_MAGIC), 0
    while at < len(content):
        mode = (content[at] >> 3) & 15
        at += 1 + (_AMR_FRAMES[mode] if mode < len(_AMR_FRAMES) else 0)
        frames += 1
    return frames * _AMR_FRAME_MS
