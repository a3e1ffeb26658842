"""Pixel mode: the workspace is shown as a picture, and nothing else of it reaches the person's browser.

JupyterLab runs in a Chromium of its own beside the server (``stage``), in a sandbox without a network whose only ways
are the screen that it draws on and the ``door`` to this server. What the screen shows is sent to the person over
``stream``, counted by a meter, after ``rfb`` has looked at what comes the other way; ``watermark`` lies above it.
"""
