"""The only file that JupyterHub loads. ``configure`` says what is set, and why."""

from hub_config.configure import configure
from hub_config.settings import read_settings

configure(get_config(), read_settings())  # type: ignore[name-defined] # noqa: F821 - JupyterHub's own
