"""Variables survive from one program of a conversation to the next."""

from __future__ import annotations

from mcp_sdkgen_codemode import Conversation, Executor


def test_a_later_program_uses_and_is_checked_against_what_an_earlier_one_defined(
    executor: Executor,
) -> None:
    with Conversation(executor) as conversation:
        first = conversation.run(
            "from weather_sdk import weather\nparis = weather.get_forecast(city='Paris', days=1)\n"
        )
        assert first.status == "finished", first
        assert conversation.run("len(paris.days)").value == 1
        wrong = conversation.run("paris.dayz")
        assert wrong.status == "rejected"
        assert "days" in str(wrong.diagnostics[0])
        # What was rejected never ran, so nothing is lost.
        assert conversation.run("print(paris.days[0].date)\nweather").stdout.count("\n") == 1


def test_output_of_one_program_is_not_told_again_with_the_next(executor: Executor) -> None:
    with Conversation(executor) as conversation:
        assert conversation.run("print('one')").stdout == "one\n"
        assert conversation.run("print('two')").stdout == "two\n"


def test_an_exception_keeps_the_variables(executor: Executor) -> None:
    with Conversation(executor) as conversation:
        conversation.run("kept = 5")
        assert conversation.run("1 / (kept - 5)").status == "failed"
        assert conversation.run("kept").value == 5


def test_a_killed_program_takes_the_variables_with_it_and_says_so(executor: Executor) -> None:
    with Conversation(executor) as conversation:
        conversation.run("kept = 5")
        gone = conversation.run("while True: pass", timeout_s=0.5)
        assert gone.status == "timed_out"
        assert "are gone" in gone.reason
        assert conversation.fresh
        assert conversation.run("kept").status == "rejected"


def test_conversations_do_not_see_each_other(executor: Executor) -> None:
    with Conversation(executor) as one, Conversation(executor) as other:
        one.run("secret = 1")
        assert other.run("secret").status == "rejected"
        assert other.run("'secret' in globals()").value is False
