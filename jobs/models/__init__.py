from jobs.models.alert import Alert, Lookout
from jobs.models.death import Death
from jobs.models.forecast import Forecast
from jobs.models.job import PRIORITIES, Job, JobState, Priority
from jobs.models.minute import Minute
from jobs.models.queue import Queue, QueueName
from jobs.models.worker import Worker

__all__ = [
    "PRIORITIES",
    "Alert",
    "Death",
    "Forecast",
    "Job",
    "JobState",
    "Lookout",
    "Minute",
    "Priority",
    "Queue",
    "QueueName",
    "Worker",
]
