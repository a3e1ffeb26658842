"""The site's mirrors of packages: what is fetched from them, how it is checked, and where it is kept.

The only package of ours that sends anything beyond this machine, and only to the addresses in the settings. What it
sends is a GET for a name that ``rules.packages`` has let through, with the same few headers whoever asked.
"""
