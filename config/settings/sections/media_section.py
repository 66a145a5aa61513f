"""The section about where sealed files are kept: a folder, or an object store that several hosts share."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from config.settings.sections.section_base import Section
from config.settings.sections.setting_types import Seconds, token_url_or_none


class Media(Section):
    """Where recordings, scans and large mails are kept, sealed."""

    store: Literal["folder", "s3"] = Field(
        default="folder",
        description="Where sealed files are kept: a folder of data_dir, or s3, an object store with the S3 interface.",
    )
    endpoint: Annotated[str, AfterValidator(token_url_or_none)] = Field(
        default="", description="The object store's address; empty for Amazon's own."
    )
    bucket: str = Field(
        default="", pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$", description="The bucket that holds the files."
    )
    prefix: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*)?$",
        max_length=200,
        description="What the files' names begin with, where a bucket is shared.",
    )
    region: str = Field(default="", max_length=64, description="The object store's region, where it has any.")
    access_key: str = Field(default="", max_length=256, description="The key's name at the object store.")
    secret_key: SecretStr = Field(default=SecretStr(""), description="The key itself.")
    connect_seconds: Seconds = Field(default=3, description="How long the object store may take to accept us.")
    answer_seconds: Seconds = Field(default=20, description="How long the object store may take to answer.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.store == "s3" and not self.bucket:
            raise ValueError("says s3 and names no bucket; add bucket, or set store to folder")
        return self
