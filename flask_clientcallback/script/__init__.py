"""What a template gets for the page's script. Each module is handed what it needs of
the page, and never asks for the current one.
"""
