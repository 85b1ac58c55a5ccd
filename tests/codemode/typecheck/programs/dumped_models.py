from everything_sdk import everything
r = everything.get_structured_content(location="Chicago")
d = r.model_dump()
print(d["temperature"], dict(r), r.model_dump_json())
for k, v in d.items():
    print(k, v)
e = everything.get_env()
env = e.json() if e.text.startswith("{") else {}
print({k: env[k] for k in list(env)[:2]})
def pick(loc="Chicago"):
    return everything.get_structured_content(location=loc).temperature
print(pick(), pick("New York"))
