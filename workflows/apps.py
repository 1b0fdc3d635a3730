from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowsConfig(AppConfig):
    name = "workflows"
    verbose_name = _("Workflows")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make kinds of work, notifications and handlers of timers known: all of them, here."""
        from documents import followers, holds  # noqa: PLC0415 (models are not loaded before)
        from jobs import kinds, sweepers  # noqa: PLC0415
        from realtime.notices import kinds as notice_kinds  # noqa: PLC0415
        from workflows import (  # noqa: PLC0415
            acknowledging,
            alarms,
            coming,
            holding,
            mailing,
            notices,
            proving,
            routing,
            schedules,
            service_steps,
            step_timers,
            timers,
            trying,
            unmatched,
        )
        from workflows.actions import telling  # noqa: PLC0415
        from workflows.confirmations import notices as reading_notices  # noqa: PLC0415
        from workflows.escalation import notices as late_notices  # noqa: PLC0415
        from workflows.escalation import ringing  # noqa: PLC0415
        from workflows.tasks import following, letters, watching  # noqa: PLC0415

        for kind in (coming.KIND, service_steps.KIND, mailing.KIND, letters.KIND, trying.KIND, *routing.KINDS):
            kinds.register(kind)
        notices.register()
        following.register()
        watching.register()
        alarms.register()
        proving.register()
        late_notices.register()
        ringing.register()
        reading_notices.register()
        acknowledging.register()
        step_timers.register()
        timers.on(schedules.KIND, schedules.fire)
        notice_kinds.register(telling.NOTE)
        holds.provide("workflows", holding.held)
        followers.provide("workflows", unmatched.pass_by)
        sweepers.register("timers of workflows", timers.sweep)
        sweepers.register("schedules of workflows", schedules.ensure, every=60.0)
        sweepers.register("watch over tasks", watching.ensure, every=60.0)
