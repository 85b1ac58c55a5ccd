from collections import Counter

from chat_sdk import chat
from mcp_sdkgen_runtime import CallRefused
from monitoring_sdk import monitoring
from tracker_sdk import tracker

for service in monitoring.list_services():
    errors = monitoring.get_error_count(service=service, window="1h")
    print(f"{service}: {errors.count} errors in the last hour")
    if errors.count <= 100:
        continue

    status = monitoring.get_service_status(service=service)
    events = monitoring.list_errors(service=service, window="1h")
    kinds = Counter(event.kind for event in events)
    hosts = Counter(event.host for event in events)
    example = {event.kind: event.message for event in events}
    body = [
        f"Release {status.version}, deployed {status.deployed_at}; {status.state}.",
        f"{errors.count} errors from {events[0].at} to {events[-1].at}.",
        *(f"- {count} {kind}, such as: {example[kind]}" for kind, count in kinds.most_common()),
        f"Hosts: {', '.join(f'{host} {count}' for host, count in sorted(hosts.items()))}",
    ]

    repo = f"company/{service}"
    known = tracker.search_issues(repo=repo, title="High error rate")
    if known:
        print(f"  known: {known[0].url}")
        continue
    title = f"High error rate: {errors.count} errors in an hour"
    try:
        issue = tracker.create_issue(repo=repo, title=title, body="\n".join(body))
        told = f"{title} in {service}. Issue: {issue.url}"
    except CallRefused:
        told = f"{title} in {service}. Nobody approved an issue."
    chat.send_message(channel="eng-alerts", text=told)
    print(f"  {told}", *body, sep="\n  ")
