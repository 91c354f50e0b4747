"""How many messages wait in the broker, where it can be asked."""

from __future__ import annotations

from kombu.exceptions import OperationalError as BrokerError

from bonefit.celery import app as celery_app

#: Seconds that the broker may take to answer.
BROKER_SECONDS = 2


def messages_waiting() -> int | None:
    """Messages in the queue that workers read; None where the broker is no Redis, or is away."""
    queue = celery_app.conf.task_default_queue
    soon = {"socket_connect_timeout": BROKER_SECONDS, "socket_timeout": BROKER_SECONDS}
    with celery_app.connection_for_write(transport_options=soon) as broker:
        if broker.transport.driver_type != "redis":
            return None
        try:
            broker.ensure_connection(
                max_retries=1, interval_start=0, interval_step=0, timeout=BROKER_SECONDS
            )
            return int(broker.default_channel.queue_declare(queue=queue, passive=True)[1])
        except broker.channel_errors:
            return 0  # a list without members is not there
        except (OSError, BrokerError, *broker.connection_errors):
            return None
