"""Every channel is declared, completely."""

from dataclasses import astuple

import pytest

from channels import CHANNELS
from config.enums import Channel


def test_every_channel_is_declared() -> None:
    assert set(CHANNELS) == set(Channel)


@pytest.mark.parametrize("channel", Channel)
def test_declared_completely(channel: Channel) -> None:
    assert all(line.strip() for line in astuple(CHANNELS[channel]))
    assert CHANNELS[channel].name[0].isupper()
    assert {text for _, text in CHANNELS[channel].lines()} == set(astuple(CHANNELS[channel])) - {CHANNELS[channel].name}
