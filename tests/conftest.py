"""What every test shares: no network but loopback, hypothesis profiles, and the fixtures of the store."""

from __future__ import annotations

import importlib.util
import os

from hypothesis import HealthCheck, settings

# Deadlines measure the machine, not the code: two cores are shared by servers, engines and tests.
settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("soak", settings.get_profile("ci"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

pytest_plugins = [name for name in ["tests.fixtures_store"] if importlib.util.find_spec(name) is not None]
