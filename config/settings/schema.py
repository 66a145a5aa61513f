"""The settings as a typed model; ``config.settings.loader`` reads them from the file and the environment."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, create_model, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config import phone_numbers
from config.settings.providers import provider_sections
from config.settings.sections.database_section import Database
from config.settings.sections.legal_section import Legal
from config.settings.sections.limits_section import Limits, Sandbox
from config.settings.sections.mail_section import Mailbox, Smtp
from config.settings.sections.media_section import Media
from config.settings.sections.open311_section import Open311
from config.settings.sections.scan_folder_section import ScanFolder
from config.settings.sections.setting_types import BaseUrl, RedisUrl
from config.settings.sections.sign_in_section import Oidc
from config.settings.sections.speech_section import Speech
from config.settings.sections.texting_section import Texting
from config.settings.sections.upkeep_sections import Alerts, Backups, DraftModel, Monitoring, Pools, Webhooks
from config.settings.sections.voicemail_section import Voicemail
from config.settings.sections.web_section import Fallback, Web
from config.settings.tile_address import TileUrl

ENV_PREFIX = "PORTEVOIX_"
PACKAGED_CONSULTATIONS = Path(__file__).parents[1] / "consultations"

# sockaddr_un.sun_path holds 108 bytes on Linux, the closing zero included (unix(7)).
_SOCKET_PATH_BYTES = 107

_OUTSIDE = (
    "mailboxes", "smtp", "scan_folders", "alerts", "open311", "webhooks", "oidc", "fallback", "draft_model",
    "redis_url",
)  # fmt: skip
"""The settings, beside those of providers, that reach outside: a copy to practise on has none of them."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("is not a time zone; write one like Europe/Paris or Indian/Reunion") from error
    return name


def _region(code: str) -> str:
    if not phone_numbers.has_numbering_plan(code):
        raise ValueError("is no country with telephone numbers; write its two capitals, like FR, RE or BE")
    return code


Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


if TYPE_CHECKING:
    _ProviderSections = BaseSettings
else:  # what providers declare: no checker can know it, and nobody but themselves reads it
    _ProviderSections = create_model("_ProviderSections", __base__=BaseSettings, **provider_sections())


class Settings(_ProviderSections):
    """Everything a town can set. Relative paths start from ``folder``, the settings file's own."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, validate_default=True, env_prefix=ENV_PREFIX)

    folder: Path = Field(
        default=Path(),
        description="Where relative paths start.",
        json_schema_extra={"shown": "the settings file's folder"},
    )
    town: str = Field(
        default="ville",
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=64,
        description="The town's short name, never to be changed: wishes to get no more texts are kept under it.",
    )
    town_name: str = Field(
        default="Votre ville", min_length=1, max_length=128, description="The town's name as people say it."
    )
    controller: str = Field(
        default="",
        max_length=300,
        description="Who answers for residents' data: name and address, for new consultations.",
    )
    data_protection: str = Field(
        default="", max_length=300, description="Who is asked about one's data: an address, for new consultations."
    )
    contact_phone: str = Field(
        default="", max_length=64, description="The number at which a person answers residents, for new consultations."
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="Europe/Paris", description="The town's time zone: days begin and end there."
    )
    language: Language = Field(default="fr", description="The language of pages and texts when nobody chose another.")
    languages: tuple[Language, ...] = Field(
        default=("fr", "en"), min_length=1, description="The languages the town answers in."
    )
    region: Annotated[str, AfterValidator(_region)] = Field(
        default=phone_numbers.DEFAULT_REGION,
        description="The country (ISO 3166-1) whose national numbers are meant: 06… in FR is +336….",
    )
    public_url: BaseUrl = Field(
        default="http://127.0.0.1:8080", description="The address under which the outside world reaches the web server."
    )
    data_dir: Path = Field(default=Path("data"), description="The folder that holds everything that arrived.")
    keys_dir: Path = Field(
        default=Path("keys"),
        description="The folder of the master keys, outside data_dir and kept apart from its backups.",
    )
    secret_key_file: Path = Field(
        default_factory=lambda data: data["keys_dir"] / "session.key",
        description="The file with the key that signs sign-in cookies; made when missing.",
        json_schema_extra={"shown": "session.key in keys_dir"},
    )
    database_url: str = Field(
        default="",
        repr=False,
        description="The database: empty for a file in data_dir, or postgresql+psycopg://user:password@host/name.",
        json_schema_extra={"shown": "portevoix.sqlite in data_dir", "secret": True},
    )
    redis_url: RedisUrl = Field(
        default="",
        repr=False,
        description="The Redis server: empty for a private one, or rediss://:password@host:6379/0.",
        json_schema_extra={"shown": "a private one", "secret": True},
    )
    keys_socket: Path | None = Field(
        default=None,
        description="The socket of a key service that runs by itself, for parts whose user may not read master keys.",
        json_schema_extra={"shown": "the gateway's own key service"},
    )
    models_dir: Path = Field(
        default_factory=lambda data: data["data_dir"] / "models",
        description="The folder where speech models are installed.",
        json_schema_extra={"shown": "models in data_dir"},
    )
    consultations_dir: Path | None = Field(
        default=None,
        description="A folder of consultation files, all of which are taken in.",
        json_schema_extra={"shown": "the example that comes along"},
    )
    consultations: tuple[Path, ...] = Field(default=(), description="Single consultation files to take in.")
    places_file: Path | None = Field(
        default=None,
        description="A CSV file of the town's streets and places (name, quarter), looked for in what residents say.",
        json_schema_extra={"shown": "none: places are not looked for"},
    )
    quarters_file: Path | None = Field(
        default=None,
        description="A GeoJSON file with the outlines of the town's quarters, for the report's map.",
        json_schema_extra={"shown": "none: the report has no map"},
    )
    map_tiles: TileUrl = Field(
        default="",
        description="The pictures below the report's map, from the town's own server: https://…/{z}/{x}/{y}.png.",
        json_schema_extra={"shown": "none: outlines alone, and nothing is fetched"},
    )
    population_file: Path | None = Field(
        default=None,
        description="A CSV file of how many live in each quarter, or of each age (quarter, age, population).",
        json_schema_extra={"shown": "none: nothing is compared"},
    )
    join_minutes: int = Field(
        default=10, ge=0, le=1440, description="Texts of one person this many minutes apart are one contribution."
    )
    practice: bool = Field(
        default=False,
        description="A copy to practise on (portevoix practice): every page says so, and nothing leaves it.",
    )
    log_level: str = Field(
        default="info",
        pattern="^(debug|info|warning|error)$",
        description="How much is logged: debug, info, warning, error.",
    )
    database: Database = Field(default=Database(), description="Further addresses of the database.")
    media: Media = Field(default=Media(), description="Where sealed files are kept.")
    web: Web = Field(default=Web(), description="The web server.")
    oidc: Oidc = Field(default=Oidc(), description="Signing in by a provider outside.")
    fallback: Fallback = Field(default=Fallback(), description="The fallback door.")
    voicemail: Voicemail = Field(default=Voicemail(), description="How calls are answered.")
    texting: Texting = Field(default=Texting(), description="When texts go out, and how keywords are obeyed.")
    mailboxes: tuple[Mailbox, ...] = Field(default=(), description="The mailboxes that are watched.")
    smtp: Smtp = Field(default=Smtp(), description="The outgoing mail server.")
    scan_folders: tuple[ScanFolder, ...] = Field(
        default=(), description="The folders of scanned forms that are watched."
    )
    limits: Limits = Field(default=Limits(), description="What one file, message or engine may cost.")
    sandbox: Sandbox = Field(default=Sandbox(), description="How files are kept from harm while they are read.")
    speech: Speech = Field(default=Speech(), description="How recordings are listened to.")
    backups: Backups = Field(default=Backups(), description="Backups.")
    legal: Legal = Field(default=Legal(), description="What the law wants to stand on the public pages.")
    monitoring: Monitoring = Field(default=Monitoring(), description="What programs that watch the machines are told.")
    pools: Pools = Field(default=Pools(), description="How many processes of one host read at once.")
    alerts: Alerts = Field(default=Alerts(), description="Who is told when something is wrong.")
    draft_model: DraftModel = Field(default=DraftModel(), description="A language model for drafts of reports.")
    open311: Open311 = Field(default=Open311(), description="The town's services, and its fault-report system.")
    webhooks: Webhooks = Field(default=Webhooks(), description="Whom the gateway may tell what happens.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 — the signature is pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed over: ``load_settings`` alone reads the outside, and says from where."""
        return (init_settings,)

    @field_validator("languages")
    @classmethod
    def _speaks_its_own(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("language", value[0]) not in value:
            raise ValueError(f"lacks {info.data['language']}, which language says is the usual one; add it")
        return value

    @field_validator("keys_dir")
    @classmethod
    def _keys_apart(cls, value: Path, info: ValidationInfo) -> Path:
        data_dir = info.data.get("data_dir")
        if data_dir is not None and value.resolve().is_relative_to(data_dir.resolve()):
            raise ValueError("lies inside data_dir, so whoever copies the data has the keys too; move it beside")
        return value

    @field_validator("mailboxes")
    @classmethod
    def _each_its_own_name(cls, value: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
        # Under its name is kept what has been taken in, and how to sign in.
        names = [mailbox.name.casefold() for mailbox in value]
        twice = next((one.name for one in value if names.count(one.name.casefold()) > 1), None)
        if twice is not None:
            raise ValueError(f"has {twice} twice; name every folder in one of the two, or give each its own name")
        return value

    @field_validator("scan_folders")
    @classmethod
    def _scans_apart(cls, value: tuple[ScanFolder, ...], info: ValidationInfo) -> tuple[ScanFolder, ...]:
        data_dir: Path | None = info.data.get("data_dir")
        for folder in value:
            if data_dir is not None and folder.path.resolve().is_relative_to(data_dir.resolve()):
                raise ValueError(f"has {folder.path} inside data_dir, where nothing lies in the clear; move it beside")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        filled = {name: _anchored(value, self.folder) for name, value in self}
        if self.practice:  # whatever a newcomer sets, nobody outside gets or is asked anything
            fields = type(self).model_fields
            filled |= {name: fields[name].get_default() for name in (*provider_sections(), *_OUTSIDE)}
        if not self.database_url:
            filled["database_url"] = f"sqlite:///{filled['data_dir'] / 'portevoix.sqlite'}"
        if "secure_cookies" not in self.web.model_fields_set:
            filled["web"] = self.web.model_copy(update={"secure_cookies": self.public_url.startswith("https:")})
        self.__dict__.update(filled)  # frozen from here on; this completes the making of it
        return self

    @property
    def afresh_mark(self) -> Path:
        """The file whose being there has a copy to practise on begin afresh."""
        return self.data_dir / "begin-afresh"

    @property
    def media_dir(self) -> Path:
        """Where the embedded media store keeps its sealed files."""
        return self.data_dir / "media"

    @property
    def spool_dir(self) -> Path:
        """Where the fallback door keeps webhooks, sealed, until they are taken in."""
        return self.data_dir / "spool"

    @property
    def work_dir(self) -> Path:
        """Where uploads and media lie in the clear for a moment; what a killed process leaves there is removed."""
        return self.data_dir / "work"

    @property
    def redis_is_private(self) -> bool:
        """Whether the gateway runs a Redis of its own."""
        return not self.redis_url

    @property
    def redis_socket(self) -> Path:
        """The private Redis' Unix socket; in a short temporary folder when ``data_dir`` is too long for one."""
        return self._socket("redis.sock")

    @property
    def own_keys_socket(self) -> Path:
        """The Unix socket of the gateway's own key service; likewise."""
        return self._socket("keys.sock")

    def _socket(self, name: str) -> Path:
        socket = self.data_dir.absolute() / name
        if len(os.fsencode(socket)) <= _SOCKET_PATH_BYTES:
            return socket
        # Every process of one installation must find the same folder, and no two installations share it.
        digest = hashlib.sha256(os.fsencode(self.data_dir.resolve())).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"portevoix-{os.getuid()}-{digest}" / name

    @property
    def redis_address(self) -> str:
        """The Redis server's URL, the private one's included."""
        return self.redis_url or f"unix://{self.redis_socket}"

    def section(self, name: str) -> Any:
        """The section of a provider, whose model only that provider knows."""
        return getattr(self, name)

    @property
    def has_provider(self) -> bool:
        """Whether texts or calls come in by any provider."""
        return any(self.section(name).configured for name in provider_sections())

    @property
    def mail_servers(self) -> frozenset[str]:
        """The mail servers whose word about a sender counts."""
        return frozenset(mailbox.results_from for mailbox in self.mailboxes if mailbox.results_from)

    @property
    def consultation_files(self) -> tuple[Path, ...]:
        """Every consultation file to take in, in a fixed order."""
        folder = self.consultations_dir
        if folder is None:
            return self.consultations or tuple(sorted(PACKAGED_CONSULTATIONS.glob("*.toml")))
        return (*self.consultations, *sorted(folder.glob("*.toml")))

    @property
    def zone(self) -> ZoneInfo:
        """The town's time zone."""
        return ZoneInfo(self.timezone)


def _anchored(value: Any, folder: Path) -> Any:
    if isinstance(value, Path):
        return folder / value.expanduser()
    if isinstance(value, tuple):
        return tuple(_anchored(item, folder) for item in value)
    if isinstance(value, BaseModel):
        return value.model_copy(
            update={
                name: _anchored(inner, folder) for name, inner in value if isinstance(inner, Path | tuple | BaseModel)
            }
        )
    return value
