"""Mistakes about prompts and resources."""

from prompts_and_resources_sdk import prompts_and_resources

prompts_and_resources.prompts.code_review_x717d()  # error: call-arg
prompts_and_resources.prompts.code_review_x717d(code=1)  # error: arg-type
prompts_and_resources.prompts.unknown()  # error: attr-defined
prompts_and_resources.resources.user_profile(user="1")  # error: call-arg
prompts_and_resources.resources.search(frag="f", q=["a"])  # error: arg-type
