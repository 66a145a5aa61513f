"""What a job in Redis is called: the step's id, and nothing else of it."""


def step_id_of(job_id: str) -> int:
    """The step behind a job's id."""
    return int(job_id.removeprefix("step-"))
