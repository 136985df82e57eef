"""What a worker of Celery imports, as ``reports.worker``."""

from . import create_app

celery = create_app().extensions["celery"]
