"""Halftide's output checker: the portal, the disclosure engine and the command line.

Zone: portal. It is also the library that the hub's and the workspace server's code share
(``model``, ``sandbox``, ``readers``, ``disclosure``). Imports go one way:
``web, cli -> desk -> {storage, readers, microdata, disclosure, rules} -> model``.
"""
