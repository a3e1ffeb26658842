"""The portal's web edge: it parses what a browser or a workspace sends, asks the desk, and renders the answer.

No rule about who may do what lives here, and no transaction is opened here.
"""
