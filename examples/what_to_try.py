"""What an example prints in the terminal when ``flask run`` starts it."""

import click
from werkzeug.serving import is_running_from_reloader


def show(text: str) -> None:
    """Print what there is to try: when the server starts, and in no other command of
    flask, no test and no worker. With the reloader, only its first process prints.

    :param text: two to four lines.
    """
    context = click.get_current_context(silent=True)

    if context is None or context.info_name != "run" or is_running_from_reloader():
        return

    click.echo(f"{text.strip()}\n")
