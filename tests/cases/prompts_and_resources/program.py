"""Prompts and resource templates as methods with their arguments."""

from prompts_and_resources_sdk import AsyncPromptsAndResources, prompts_and_resources

prompts = prompts_and_resources.prompts
resources = prompts_and_resources.resources
print(prompts.code_review_x717d(code="x = 1").messages, prompts.import_(class_="a", self_=None))
print(resources.user_profile(user_id="1"), resources.read("weather://stations"))
print(resources.search(frag="f", page=["1", "2"]), resources.lists(list="a"))


async def main() -> None:
    async with AsyncPromptsAndResources() as server:
        print((await server.prompts.code_review_x717d(code="x = 1")).messages)
        print(await server.resources.user_profile(user_id="1"))
