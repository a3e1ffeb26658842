"""`python -m halftide_workspace`: the command that the spawner runs inside the outer sandbox."""

from halftide_workspace.launch import main

main()
