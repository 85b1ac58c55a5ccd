# hint: await
from everything_sdk import AsyncEverything
class Job:
    def start(self, client):
        self.answer = client.echo(message="x")
job = Job()
job.start(AsyncEverything())
print("started")
