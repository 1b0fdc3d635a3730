"""What tasks and runs say no with, and why a run stands still: the part of `sentences` about workflows.

What the checker and the reader of conditions say to those who write definitions is in `checker_sentences`.
"""

from django.utils.translation import gettext_noop as _

DECIDING = (
    _("There is no such run that you may see."),
    _("There is no such task that you may see."),
    _("There is no such absence that you may see."),
    _("There is no such run."),
    _("A comment has {most} characters at most."),
    _("“{outcome}” is no outcome of this task. Choose one of: {outcomes}."),
    _("Only the head of the task's department, or an administrator, gives it to somebody else."),
    _("{who} is no longer active. Choose somebody else."),
    _("{who} has decided this task already. Choose somebody else."),
    _("At most {most} tasks are decided at once. Choose fewer."),
    _("This voice is given already: somebody decided for you, or you for somebody."),
    _("This key does not decide tasks: it lacks the scope “control”."),
    _("The person for whom you would decide is excluded from this task."),
    _("This step asks nobody to confirm. {why} Name others, or skip the step."),
    _("The departments that it names have nobody in these roles."),
)
STARTING = (
    _("Auditors read, and start nothing."),
    _("The workflow “{title}” {why}; it cannot be started."),
    _("is switched off"),
    _("has no published version"),
    _("The workflow “{title}” runs on this document already, since {since} UTC. Let it end, or cancel it first."),
    _("More than {most} subflows stand in one another; this one is not started."),
    _("The run that this request started is there no more for you."),
    _("There is no workflow “{key}” that you may see."),
    _("There is no workflow “{key}”."),
    _("The workflow “{key}” has no version {number}."),
    _("“{key}” has no version {number}."),
    _("What this run is to wait for waits for this run itself. Leave one of the two out."),
    _("A run waits for a “workflow” or a “document”, not for a “{kind}”."),
    _("There is nothing with the id “{id}” to wait for."),
    _("There is no priority “{said}”: it is {known}."),
    _("Events are sent by reviewers, heads of department and administrators."),
)
CONTROLLING = (
    _("The workflow is paused."),
    _("It is paused already."),
    _("It is not paused."),
    _("Nothing stands at an incident there; somebody may have taken care of it already."),
    _("It has ended already: {how}."),
    _("That has happened already: there is nothing to wait for."),
    _("It waits for that already."),
    _("It waits for {most} others already, and no run waits for more. Take one away first."),
    _("This run does not wait for that."),
    _("It does not wait for that any more: it has happened."),
    _("It waits for others. Let them end, or take away what it waits for."),
    _("Write the id of a run or document, or paste the address of its page."),
    _("There is no such try. What was found is kept for {days} days."),
    _("This try has ended already; there is nothing to cancel."),
    _("Only administrators move runs to another version."),
    _("Some of these runs are not there."),
    _("Only administrators try definitions on the past."),
    _("The texts of workflows are read by auditors and administrators."),
    _("Figures are shown to heads of department, auditors and administrators."),
    _("It ends before it begins: let “since” be earlier than “until”."),
    _("Ask for ten years at most."),
    _("Ask by week or month for so long a time."),
    _("Ask by {grains}."),
    _("Export as {formats}."),
)
STANDING_STILL = (
    _("There is nothing to correct: name a type, department, priority, access or date."),
    _("There is no department named “{name}”."),
    _("This run has no document any more."),
    _("This run has no document; the action needs one."),
    _("Nobody of those to be notified is there, is active and may see the document."),
    _("These are more than {most} people; name fewer."),
    _("The gateway has no mail server; an administrator sets EMAIL_URL."),
    _("There is nobody to write to: no address is named, and nobody of these people has one."),
    _("These are {count} addresses; one step writes to {most} at most."),
    _("“{address}” is no mail address."),
    _("The run is not there any more."),
    _("The result has {size} bytes; a step's result has {most} at most."),
    _(
        "The calendar “{name}” has no open hours from then on, so nothing can become due in it."
        " Give it hours, or name another calendar."
    ),
    _("There is no calendar “{key}”. Make it under Calendars, or name another one."),
    _("The calendar “{name}” has no working day in {days} days."),
    _("“{text}” is no time: write it as 2026-11-05 or 2026-11-05T14:30:00+05:30."),
    _("“{text}” is more than {years} years away, beyond what the clock is asked for."),
    _("“{text}” is no share of the target: write it as 75 %."),
    _("This rung gives a task to others, but what it stands on has no task that is open."),
    _("Only the ladder of a step can take another path."),
    _("“{text}” gives {kind}; a condition has to give true or false."),
    _("“{text}” would go through too much: the lists are too long for it."),
    _("“{text}” asks for {name}, which is not there: ask with has(…) first."),
    _("“{text}” compares {name}, {kind}, with {other}."),
    _("“{text}” looks at {what}."),
    _("“{text}” gives {found}, which cannot be kept: use string(…)."),
    _("The run carries more than {size} KB: keep less in it."),
    _("More than {most} branches would run at once: try again when others have ended."),
    _("{place}.items: “{text}” gives no list."),
    _("{place}.items: {count} elements; at most {most} are allowed."),
    _("{place}.until: “{text}” is not true after {count} rounds."),
    _("{place}: no rule of the table fits, and it has no otherwise."),
    _("{place}.key: this is no text."),
    _("{place}.until: {value} is no time and no date."),
    _("{what} is larger than {size} KB: keep less of it."),
    _(
        "The run {id}, for whose end this step waits, waits for the end of this run."
        " Cancel or free one of the two, then try again; or skip this step."
    ),
    _("The variable {name} is not declared."),
    _("The variable {name} is declared as {kind}; {value} is none."),
    _("Somebody cancelled the work of this step."),
    _("The work was given up."),
)
NOT_SOUND = (
    _("It has an error, in line {line}: {what}"),
    _("It has {count} errors; the first, in line {line}: {what}"),
)
"""`what` is what the checker says (`checker_sentences`)."""
WRITING = (
    _("Only administrators write and publish definitions: ask one of them."),
    _("The text has no usable key: begin it with key:, in a-z, 0-9 and -, at most 40."),
    _("A key has a-z, 0-9 and -, at most 40, and no - at its ends."),
    _("The text has the key “{said}”, not “{key}”: a key never changes."),
    _("This is what version {number} says already: nothing was published."),
    *NOT_SOUND,
    _("The hours are a list of entries with days, from and to."),
    _("Entry {place} of the hours needs exactly: days, from, to."),
    _("The days of entry {place} are a list of numbers from 0 (Monday) to 6 (Sunday)."),
    _("Entry {place} of the hours has a time that is not written like 10:00: {text}."),
)
MOVING = (
    _("The run has ended: there is nothing to move."),
    _("It is mapped to “{other}”, which the new version does not have."),
    _("Two steps are mapped to one: their results could not be told apart."),
    _("Two of its branches would be one in the new version."),
    _("The new version has no such step: say which one stands for it."),
    _("“{step}” is of kind {kind}, not {before}."),
    _("“{step}” does not stand in the same blocks as before."),
    _("“{step}” goes through its branches in another way."),
    _("{count} of {all} runs cannot go on in version {to}; none was moved."),
    _("It is a run of “{title}”, another definition."),
)
PROVING = (
    _("“{entry}” cannot follow what stands before it ({kind})."),
    _("The run's row has taken in entries up to {number} only."),
    _("Its history gives another state: {what}."),
    _("Its row says {status}, its history {other}."),
    _("It waits for others than its history says."),
    _("It waits for something that has happened, as its history says."),
)
ALL = (*DECIDING, *STARTING, *CONTROLLING, *STANDING_STILL, *WRITING, *MOVING, *PROVING)
