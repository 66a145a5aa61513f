"""Files in an object store that speaks the S3 interface: several hosts share them.

Written against Amazon's reference of the interface, and tested with OpenStack Swift's s3api. What is stored is
acknowledged by the store, with its MD5 checked there, before ``put`` returns; a store that keeps versions has each of
them deleted. A store that cannot be reached is a disk that fails: ``ObjectStoreAway``, to be tried again.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, cast

from config.settings.sections.media_section import Media
from inbox.errors import NotStored, ObjectStoreAway, ObjectStoreMissing
from inbox.storage.media_store import check_locator, new_locator

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError as missing:  # pragma: no cover — the extra is not installed
    raise ObjectStoreMissing from missing

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from types_boto3_s3 import S3Client
    from types_boto3_s3.literals import BucketLocationConstraintType
    from types_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 * 1024 * 1024
"""What is larger goes in parts of this size, so that no file has to fit into memory; the interface asks for 5 MB."""

_READ_BYTES = 1024 * 1024
_ABANDONED = timedelta(days=1)
_WITHOUT_CONSTRAINT = "us-east-1"
"""The one region that the interface forbids to name when a bucket is made."""
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_REFUSED = frozenset({"403", "AccessDenied", "InvalidAccessKeyId", "NoSuchBucket", "SignatureDoesNotMatch"})
_UNKNOWN = frozenset({"NotImplemented", "501", "MethodNotAllowed", "405"})


class ObjectMedia:
    """Sealed files in a bucket, under a prefix of their own."""

    def __init__(self, settings: Media) -> None:
        self._settings = settings
        self._bucket = settings.bucket
        self._prefix = f"{settings.prefix}/" if settings.prefix else ""
        self._making = threading.Lock()
        self._made: tuple[int, S3Client] | None = None

    def put(self, chunks: Iterable[bytes], locator: str | None = None) -> str:
        """See ``MediaStore``; in parts when it is large."""
        locator = check_locator(locator or new_locator())
        parts = _parts(chunks)
        first = next(parts, b"")
        with _told("put"):
            if len(first) < PART_BYTES:
                self._s3.put_object(Bucket=self._bucket, Key=self._key(locator), Body=first, ContentMD5=_md5(first))
            else:
                self._put_parts(self._key(locator), first, parts)
        return locator

    def _put_parts(self, key: str, first: bytes, others: Iterator[bytes]) -> None:
        upload = self._s3.create_multipart_upload(Bucket=self._bucket, Key=key)["UploadId"]
        done: list[CompletedPartTypeDef] = []
        try:
            part: bytes | None = first
            while part:
                number = len(done) + 1
                sent = self._s3.upload_part(
                    Bucket=self._bucket, Key=key, UploadId=upload, PartNumber=number, Body=part, ContentMD5=_md5(part)
                )
                done.append({"PartNumber": number, "ETag": sent["ETag"]})
                part = next(others, None)
            self._s3.complete_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": done}
            )
        except BaseException:
            # What cannot be called off now is, by ``locators``, once it is a day old.
            self._abort(key, upload)
            raise

    def open(self, locator: str) -> BinaryIO:
        """See ``MediaStore``; read as it comes, from wherever it is wanted."""
        return cast("BinaryIO", io.BufferedReader(_Object(self, locator, self.size(locator)), _READ_BYTES))

    def size(self, locator: str) -> int:
        """See ``MediaStore``."""
        with _told("head", locator):
            return self._s3.head_object(Bucket=self._bucket, Key=self._key(locator))["ContentLength"]

    def piece(self, locator: str, start: int, end: int) -> bytes:
        """The bytes from ``start`` up to, not including, ``end``."""
        with _told("get", locator):
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._key(locator), Range=f"bytes={start}-{end - 1}")
            return answer["Body"].read()

    def delete(self, locator: str) -> None:
        """See ``MediaStore``; with every version that the store has kept."""
        key = self._key(locator)
        with _told("delete"):
            for version in self._versions(key):
                self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=version)
            self._s3.delete_object(Bucket=self._bucket, Key=key)
            # Where versions are kept, the last deletion has left a mark, which is a version too.
            for version in self._versions(key):
                self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=version)

    def locators(self, unchanged_for: timedelta = timedelta(0)) -> Iterator[str]:
        """See ``MediaStore``; calls off uploads that a killed process began more than a day ago."""
        before = datetime.now(UTC) - unchanged_for

        def is_old(at: datetime) -> bool:
            # A store's clock, or its rounding, may be ahead of ours.
            return not unchanged_for or at <= before

        with _told("list"):
            if unchanged_for:
                self._call_off(datetime.now(UTC) - _ABANDONED)
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            for page in pages:
                for stored in page.get("Contents", ()):
                    locator = stored["Key"].rpartition("/")[2]
                    if is_old(stored["LastModified"]) and self._is_ours(stored["Key"], locator):
                        yield locator

    def make_bucket(self) -> None:
        """Make the bucket where it is missing; raises ``ObjectStoreAway``."""
        with _told("make"):
            names = [bucket.get("Name") for bucket in self._s3.list_buckets()["Buckets"]]
            if self._bucket in names:
                return
            region = self._settings.region
            if region in ("", _WITHOUT_CONSTRAINT):
                self._s3.create_bucket(Bucket=self._bucket)
            else:
                place = cast("BucketLocationConstraintType", region)
                self._s3.create_bucket(Bucket=self._bucket, CreateBucketConfiguration={"LocationConstraint": place})

    def _versions(self, key: str) -> list[str]:
        try:
            pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=key)
            return [
                version["VersionId"]
                for page in pages
                for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
                if version.get("Key") == key and version.get("VersionId", "null") != "null"
            ]
        except ClientError as error:
            if _code(error) in _UNKNOWN:
                return []  # a store that keeps no versions
            raise

    def _call_off(self, before: datetime) -> None:
        try:
            begun = self._s3.list_multipart_uploads(Bucket=self._bucket, Prefix=self._prefix).get("Uploads", ())
        except ClientError as error:
            if _code(error) in _UNKNOWN:
                return
            raise
        for upload in begun:
            # Not every store heeds the prefix.
            if upload["Key"].startswith(self._prefix) and upload["Initiated"] <= before:
                self._abort(upload["Key"], upload["UploadId"])

    def _abort(self, key: str, upload: str) -> None:
        try:
            self._s3.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)
        except (BotoCoreError, ClientError):
            return

    def _key(self, locator: str) -> str:
        return f"{self._prefix}{check_locator(locator)[:2]}/{locator}"

    def _is_ours(self, key: str, locator: str) -> bool:
        try:
            return key == self._key(locator)
        except NotStored:
            return False

    @property
    def _s3(self) -> S3Client:
        """This process's connection: what a fork inherits would be read by both."""
        with self._making:
            if self._made is None or self._made[0] != os.getpid():
                self._made = (os.getpid(), _client(self._settings))
            return self._made[1]


class _Object(io.RawIOBase):
    """A stored object as a file: each reading asks for a piece."""

    def __init__(self, media: ObjectMedia, locator: str, size: int) -> None:
        self._media = media
        self._locator = locator
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readall(self) -> bytes:
        # The usual one asks for 8 kB at a time, and here each asking is a journey.
        rest = self._media.piece(self._locator, self._at, self._size) if self._at < self._size else b""
        self._at += len(rest)
        return rest

    def readinto(self, into: WriteableBuffer) -> int:
        view = memoryview(into).cast("B")
        end = min(self._at + len(view), self._size)
        if end <= self._at:
            return 0
        piece = self._media.piece(self._locator, self._at, end)
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def _client(settings: Media) -> S3Client:
    client: S3Client = boto3.client(
        "s3",
        endpoint_url=settings.endpoint or None,
        region_name=settings.region or None,
        aws_access_key_id=settings.access_key or None,
        aws_secret_access_key=settings.secret_key.get_secret_value() or None,
        config=Config(
            connect_timeout=settings.connect_seconds,
            read_timeout=settings.answer_seconds,
            retries={"mode": "standard", "max_attempts": 3},
            s3={"addressing_style": "path"},
            # The newer checksums travel in a form that stores other than Amazon's do not know; ours are sent as MD5.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    return client


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of ``PART_BYTES``, the last one shorter."""
    gathered = bytearray()
    for chunk in chunks:
        gathered += chunk
        while len(gathered) >= PART_BYTES:
            yield bytes(gathered[:PART_BYTES])
            del gathered[:PART_BYTES]
    if gathered:
        yield bytes(gathered)


def _md5(part: bytes) -> str:
    # RFC 1864: for errors of transmission; against tampering the bytes are sealed.
    return base64.b64encode(hashlib.md5(part, usedforsecurity=False).digest()).decode()


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _told(doing: str, locator: str = "") -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = _code(error)
        if locator and code in _MISSING:
            raise NotStored(f"media file {locator}") from error
        hint = ": check the bucket and the keys in [media]" if code in _REFUSED else ""
        raise ObjectStoreAway(f"the object store refused to {doing} ({code}){hint}") from error
    except BotoCoreError as error:
        raise ObjectStoreAway(f"the object store cannot be reached ({type(error).__name__})") from error
