"""``python -m output_checker.web``: the portal on 127.0.0.1, with the workers beside it.

It trusts no proxy header, listens on loopback only, and ends in order: no new requests, then the workers, then the
desk.
"""

import asyncio
import logging
import os

import uvicorn
from jupyterhub.httpclient import JupyterHubHTTPClient

from output_checker.desk.context import Desk, open_desk
from output_checker.desk.workers import working
from output_checker.web.app import SafeAnswers, create_app
from output_checker.web.identity import HubOverHttp
from output_checker.web.settings import Settings

log = logging.getLogger("halftide.portal")


def main() -> None:
    """Run the portal until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings.from_environment(os.environ)
    desk = open_desk(settings.state)
    try:
        with working(desk):
            asyncio.run(serve(settings, desk))
    finally:
        desk.close()


async def serve(settings: Settings, desk: Desk) -> None:
    """Serve until a signal ends it."""
    app = SafeAnswers(create_app(settings, desk, HubOverHttp(settings)))
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=settings.port,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=10,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        await JupyterHubHTTPClient.loop_instance().close()


if __name__ == "__main__":
    main()
