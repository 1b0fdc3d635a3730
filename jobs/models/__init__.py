from jobs.models.job import PRIORITIES, Job, JobState, Priority
from jobs.models.queue import Queue, QueueName
from jobs.models.worker import Worker

__all__ = ["PRIORITIES", "Job", "JobState", "Priority", "Queue", "QueueName", "Worker"]
