"""What a template gets for the page's script. Each module gets what it needs of the
page as arguments, and never asks for the current page.
"""
