"""What the law wants to stand on public pages: who publishes them, where they lie, how accessible they are."""

from datetime import date
from typing import Literal

from pydantic import Field

from config.settings.sections.section_base import Section
from config.settings.sections.setting_types import MailAddress


class Legal(Section):
    """Legal notices and the declaration of accessibility on the public pages."""

    publisher: str = Field(default="", max_length=255, description="Who answers for the public pages: name and office.")
    address: str = Field(default="", max_length=255, description="The town's postal address.")
    host: str = Field(
        default="", max_length=255, description="Who runs the server: name, address and telephone number."
    )
    contact: MailAddress = Field(default="", description="The e-mail address for questions about the public pages.")
    conformity: Literal["full", "partial", "none"] = Field(
        default="none",
        description="How far the public pages conform to the RGAA, as an audit found: full, partial, none.",
    )
    audited_on: date | None = Field(default=None, description="The day of that audit; none where there was none.")
