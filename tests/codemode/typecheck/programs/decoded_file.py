from github_sdk import github
import base64
r = github.get_file_contents(owner="o", repo="r", path="README.md")
content = r.text or ""
try:
    data = r.json()
    if isinstance(data, dict) and data.get("encoding") == "base64":
        content = base64.b64decode(data["content"]).decode("utf-8")
except Exception:
    pass
lines = [l for l in content.splitlines() if l.startswith("#")]
print("\n".join(lines))
files = [{"path": f"docs/{i}.md", "content": l} for i, l in enumerate(lines)]
if files:
    github.push_files(owner="o", repo="r", branch="main", message="split", files=files)
