"""The three wire formats, read and written with the providers' own types."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types import message_create_params as anthropic_params
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat import completion_create_params as chat_params
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses import response_create_params as responses_params
from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:
    from tests.codemode.agent.scripted_model import Answer

Json = dict[str, Any]


class WrongRequest(Exception):
    """A request that the provider would refuse."""


class Wire(Protocol):
    """One API of one provider."""

    def read(self, body: Json, headers: Mapping[str, str]) -> None:
        """Raises `WrongRequest` for what the provider would not take."""

    def whole(self, answer: Answer, body: Json) -> Json:
        """The answer in one piece."""

    def events(self, answer: Answer, body: Json) -> Iterator[tuple[str, str]]:
        """The answer as server-sent events: name and data."""

    def is_end_of_text(self, name: str, data: str) -> bool:
        """Whether this event ends the text."""

    def error(self, status: int, message: str) -> Json:
        """An error, as the provider tells it."""


def _fits(type_: Any, body: Json) -> None:
    try:
        TypeAdapter(type_).validate_python(body)
    except ValidationError as error:
        raise WrongRequest(str(error)) from None


def _need(condition: object, what: str) -> None:
    if not condition:
        raise WrongRequest(what)


def _pieces(text: str) -> list[str]:
    """A text as a model streams it: cut anywhere."""
    return [text[at : at + 7] for at in range(0, len(text), 7)]


def _calls(answer: Answer) -> list[tuple[str, str, str]]:
    """Id, name and the JSON text of the arguments."""
    return [
        (f"call_{number}_{abs(hash(json.dumps(given))) % 10**6}", name, json.dumps(given))
        for number, (name, given) in enumerate(answer.calls)
    ]


class Chat:
    """OpenAI's Chat Completions."""

    def read(self, body: Json, headers: Mapping[str, str]) -> None:
        _need(headers.get("authorization", "").startswith("Bearer "), "no key")
        _fits(
            chat_params.CompletionCreateParamsStreaming
            if body.get("stream")
            else chat_params.CompletionCreateParamsNonStreaming,
            body,
        )
        open_calls: set[str] = set()
        for message in body["messages"]:
            if message["role"] == "tool":
                _need(message["tool_call_id"] in open_calls, "a result without its call")
                open_calls.discard(message["tool_call_id"])
            else:
                _need(not open_calls, "calls without results")
            open_calls |= {call["id"] for call in message.get("tool_calls") or ()}
        _need(not open_calls, "calls without results")

    def whole(self, answer: Answer, body: Json) -> Json:
        calls = [
            {"id": id_, "type": "function", "function": {"name": name, "arguments": given}}
            for id_, name, given in _calls(answer)
        ]
        message = {"role": "assistant", "content": answer.text or None}
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "logprobs": None}
        choice["finish_reason"] = "tool_calls" if calls else "stop"
        made = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [choice],
            "usage": self._usage(answer),
        }
        return ChatCompletion.model_validate(made).model_dump(mode="json")

    def events(self, answer: Answer, body: Json) -> Iterator[tuple[str, str]]:
        yield self._chunk(body, {"role": "assistant", "content": ""})
        for piece in _pieces(answer.text):
            yield self._chunk(body, {"content": piece})
        for at, (id_, name, given) in enumerate(_calls(answer)):
            begun = {"index": at, "id": id_, "type": "function"}
            begun["function"] = {"name": name, "arguments": ""}
            yield self._chunk(body, {"tool_calls": [begun]})
            for piece in _pieces(given):
                more = {"index": at, "function": {"arguments": piece}}
                yield self._chunk(body, {"tool_calls": [more]})
        yield self._chunk(body, {}, "tool_calls" if answer.calls else "stop")
        if (body.get("stream_options") or {}).get("include_usage"):
            yield self._chunk(body, None, usage=self._usage(answer))
        yield "", "[DONE]"

    def is_end_of_text(self, name: str, data: str) -> bool:
        return '"finish_reason":"stop"' in data

    def error(self, status: int, message: str) -> Json:
        return {"error": {"message": message, "type": "error", "param": None, "code": None}}

    @staticmethod
    def _usage(answer: Answer) -> Json:
        tokens = {"prompt_tokens": answer.input_tokens, "completion_tokens": answer.output_tokens}
        return {**tokens, "total_tokens": answer.input_tokens + answer.output_tokens}

    @staticmethod
    def _chunk(
        body: Json, delta: Json | None, finish: str | None = None, usage: Json | None = None
    ) -> tuple[str, str]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        made = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": body["model"],
            "choices": [] if delta is None else [choice],
            "usage": usage,
        }
        return "", ChatCompletionChunk.model_validate(made).model_dump_json(exclude_unset=True)


class Responses:
    """OpenAI's Responses."""

    def read(self, body: Json, headers: Mapping[str, str]) -> None:
        _need(headers.get("authorization", "").startswith("Bearer "), "no key")
        # Not by the types: in the SDK's they are circular, and pydantic does not finish with them.
        known = responses_params.ResponseCreateParamsBase.__annotations__.keys() | {"stream"}
        _need(body.keys() <= known, f"unknown: {body.keys() - known}")
        open_calls: set[str] = set()
        for item in body["input"] if isinstance(body["input"], list) else ():
            if item.get("type") == "function_call":
                open_calls.add(item["call_id"])
            if item.get("type") == "function_call_output":
                _need(item["call_id"] in open_calls, "a result without its call")
                open_calls.discard(item["call_id"])
        _need(not open_calls, "calls without results")

    def whole(self, answer: Answer, body: Json) -> Json:
        return self._response(body, "completed", self._items(answer), answer)

    def events(self, answer: Answer, body: Json) -> Iterator[tuple[str, str]]:
        number = iter(range(10**6))

        def event(name: str, /, **given: Any) -> tuple[str, str]:
            made = {"type": name, "sequence_number": next(number), **given}
            read: Any = TypeAdapter(ResponseStreamEvent).validate_python(made)
            return name, read.model_dump_json(exclude_unset=True)

        begun = self._response(body, "in_progress", [])
        yield event("response.created", response=begun)
        yield event("response.in_progress", response=begun)
        for at, item in enumerate(self._items(answer)):
            place = {"output_index": at, "item_id": item["id"]}
            empty = {**item, "status": "in_progress"}
            empty |= {"content": []} if item["type"] == "message" else {"arguments": ""}
            yield event("response.output_item.added", output_index=at, item=empty)
            if item["type"] == "message":
                place["content_index"] = 0
                part = {"type": "output_text", "text": "", "annotations": []}
                yield event("response.content_part.added", **place, part=part)
                for piece in _pieces(answer.text):
                    yield event("response.output_text.delta", **place, delta=piece, logprobs=[])
                yield event("response.output_text.done", **place, text=answer.text, logprobs=[])
                yield event("response.content_part.done", **place, part=item["content"][0])
            else:
                given, name = item["arguments"], item["name"]
                for piece in _pieces(given):
                    yield event("response.function_call_arguments.delta", **place, delta=piece)
                done = {"arguments": given, "name": name}
                yield event("response.function_call_arguments.done", **place, **done)
            yield event("response.output_item.done", output_index=at, item=item)
        yield event("response.completed", response=self.whole(answer, body))

    def is_end_of_text(self, name: str, data: str) -> bool:
        return name == "response.output_text.done"

    error = Chat.error

    @staticmethod
    def _items(answer: Answer) -> list[Json]:
        items: list[Json] = []
        if answer.text:
            text = {"type": "output_text", "text": answer.text, "annotations": []}
            message = {"id": "msg_1", "type": "message", "role": "assistant"}
            items.append({**message, "status": "completed", "content": [text]})
        for id_, name, given in _calls(answer):
            call = {"id": f"fc_{id_}", "type": "function_call", "call_id": id_, "name": name}
            items.append({**call, "arguments": given, "status": "completed"})
        return items

    @staticmethod
    def _response(
        body: Json, status: str, output: list[Json], answer: Answer | None = None
    ) -> Json:
        made = {
            "id": "resp_1",
            "object": "response",
            "created_at": 1,
            "model": body["model"],
            "status": status,
            "output": output,
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }
        if answer is not None:
            made["usage"] = {
                "input_tokens": answer.input_tokens,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": answer.output_tokens,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": answer.input_tokens + answer.output_tokens,
            }
        Response.model_validate(made)
        return made


class Messages:
    """Anthropic's Messages."""

    def read(self, body: Json, headers: Mapping[str, str]) -> None:
        _need(headers.get("x-api-key") or headers.get("authorization"), "no key")
        _need(headers.get("anthropic-version"), "no version")
        _fits(
            anthropic_params.MessageCreateParamsStreaming
            if body.get("stream")
            else anthropic_params.MessageCreateParamsNonStreaming,
            body,
        )
        waiting: set[str] = set()
        for message in body["messages"]:
            blocks = message["content"] if isinstance(message["content"], list) else []
            results = {b["tool_use_id"] for b in blocks if b["type"] == "tool_result"}
            _need(results == waiting, "tool_result blocks do not fit the tool_use blocks before")
            waiting = {b["id"] for b in blocks if b["type"] == "tool_use"}
        _need(not waiting, "tool_use without tool_result")

    def whole(self, answer: Answer, body: Json) -> Json:
        made = self._message(body, self._blocks(answer), answer)
        return Message.model_validate(made).model_dump(mode="json", exclude_unset=True)

    def events(self, answer: Answer, body: Json) -> Iterator[tuple[str, str]]:
        begun = {**self._message(body, [], answer), "stop_reason": None}
        yield self._event("message_start", message=begun)
        for at, block in enumerate(self._blocks(answer)):
            text = block["type"] == "text"
            empty = {**block, **({"text": ""} if text else {"input": {}})}
            yield self._event("content_block_start", index=at, content_block=empty)
            for piece in _pieces(block["text"] if text else json.dumps(block["input"])):
                key = "text" if text else "partial_json"
                delta = {"type": "text_delta" if text else "input_json_delta", key: piece}
                yield self._event("content_block_delta", index=at, delta=delta)
            yield self._event("content_block_stop", index=at)
        ended = {"stop_reason": "tool_use" if answer.calls else "end_turn", "stop_sequence": None}
        usage = {"output_tokens": answer.output_tokens}
        yield self._event("message_delta", delta=ended, usage=usage)
        yield self._event("message_stop")

    def is_end_of_text(self, name: str, data: str) -> bool:
        return name == "content_block_stop"

    def error(self, status: int, message: str) -> Json:
        return {"type": "error", "error": {"type": "api_error", "message": message}}

    @staticmethod
    def _event(name: str, **given: Any) -> tuple[str, str]:
        read: Any = TypeAdapter(RawMessageStreamEvent).validate_python({"type": name, **given})
        return name, read.model_dump_json(exclude_unset=True)

    @staticmethod
    def _blocks(answer: Answer) -> list[Json]:
        text = [{"type": "text", "text": answer.text}] if answer.text else []
        return text + [
            {"type": "tool_use", "id": id_.replace("call", "toolu"), "name": name}
            | {"input": json.loads(given)}
            for id_, name, given in _calls(answer)
        ]

    @staticmethod
    def _message(body: Json, blocks: list[Json], answer: Answer) -> Json:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": blocks,
            "stop_reason": "tool_use" if answer.calls else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens},
        }


WIRES: Mapping[str, Wire] = {
    "/v1/chat/completions": Chat(),
    "/v1/responses": Responses(),
    "/v1/messages": Messages(),
}
