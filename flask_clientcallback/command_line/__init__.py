"""The command ``flask callbacks``: what pages can call, for people and compilers."""
